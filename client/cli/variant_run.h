#ifndef ACTIUM_CLIENT_CLI_VARIANT_RUN_H_
#define ACTIUM_CLIENT_CLI_VARIANT_RUN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/batch_counter.h"
#include "client/cli/load_generator.h"
#include "client/cli/test_images.h"

namespace actium::cli {

/// True for a model with one input of the images' size and type, behind a batch dimension.
bool TakesImages(const inference::ModelMetadataResponse& metadata, const TestImages& images);

/// One model while it classifies the test images: what is measured of it grows round by round.
/// Used by one thread at a time.
class VariantRun {
 public:
  /// server, images: outlive this object. input, output: of the model.
  VariantRun(client::Client& server, const TestImages& images, std::string model, std::string input,
             std::string output);

  const std::string& model() const { return model_; }

  /// Sends images [first, last), one in each request, so many at any time, and waits for the
  /// answers.
  void Send(int64_t first, int64_t last, int concurrency,
            const std::function<void(int64_t)>& on_progress);

  /// Measurements of all rounds so far.
  const LoadResult& load() const { return load_; }
  /// Share of right answers among the successful requests, in [0, 1]; 0 without any.
  double accuracy() const;
  std::optional<double> mean_batch() const { return MeanBatch(before_, after_); }

 private:
  std::shared_ptr<const inference::ModelInferRequest> MakeRequest(int64_t number) const;
  /// Errors: INVALID_ARGUMENT if the answer is not FP32 values of at least one class.
  absl::Status Judge(const inference::ModelInferResponse& response, int64_t number);

  client::Client& server_;
  const TestImages& images_;
  const std::string model_;
  const std::string input_;
  const std::string output_;
  const std::optional<BatchCounter> before_;
  std::optional<BatchCounter> after_;
  LoadResult load_;
  std::atomic<int64_t> right_ = 0;
};

/// Finds the models that take one 8-bit picture of this size: ready, one input, UINT8 of
/// [1, height, width] behind the batch dimension.
///
/// Errors: NOT_FOUND if there is none; those of the server.
absl::StatusOr<std::vector<std::unique_ptr<VariantRun>>> FindVariants(client::Client& server,
                                                                      const TestImages& images);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_VARIANT_RUN_H_
