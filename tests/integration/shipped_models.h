#ifndef ACTIUM_TESTS_INTEGRATION_SHIPPED_MODELS_H_
#define ACTIUM_TESTS_INTEGRATION_SHIPPED_MODELS_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"

/// The models of models/repository and the data they are judged on. The shipped ones take `image`
/// UINT8 [N, 1, 28, 28] and give `logits` FP32 [N, 10].
namespace actium::test {

inline constexpr int kPixels = 28 * 28;
inline constexpr int kClasses = 10;

/// Labelled images of Fashion-MNIST, row-major.
struct Images {
  std::vector<uint8_t> pixels;  ///< kPixels for each label.
  std::vector<uint8_t> labels;

  int count() const { return static_cast<int>(labels.size()); }
  std::span<const uint8_t> Slice(int first, int rows) const {
    return std::span(pixels).subspan(static_cast<size_t>(first) * kPixels,
                                     static_cast<size_t>(rows) * kPixels);
  }
};

/// Returns the 10,000 test images of Debian's dataset-fashion-mnist. Errors: NOT_FOUND.
absl::StatusOr<Images> ReadTestImages();

/// Where the shipped models lie, and their names in order.
std::filesystem::path ShippedRepository();
std::vector<std::string> ShippedModels();

/// Writes a copy of a shipped model under another name into a repository's folder, with batches of
/// `max_batch_size` rows and more lines in its configuration.
void CopyShippedModel(const std::string& model, const std::filesystem::path& root,
                      const std::string& name, int max_batch_size, const std::string& more_config);

/// Returns a request for the logits of these images.
::inference::ModelInferRequest ImageRequest(const std::string& model,
                                            std::span<const uint8_t> pixels);

/// Returns the logits of all images, kClasses each, of a model file run in this process at batches
/// of `batch_size`: no server, no queue.
absl::StatusOr<std::vector<float>> EvaluateInProcess(const std::string& model, const Images& images,
                                                     int batch_size);

/// Returns the index of the largest of kClasses logits.
int Argmax(std::span<const float> logits);

/// True if the two largest logits differ by less than 1e-5 of the largest magnitude: their order
/// may change with the batch size and the instruction set.
bool IsTie(std::span<const float> logits);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_INTEGRATION_SHIPPED_MODELS_H_
