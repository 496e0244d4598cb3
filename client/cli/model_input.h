#ifndef ACTIUM_CLIENT_CLI_MODEL_INPUT_H_
#define ACTIUM_CLIENT_CLI_MODEL_INPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/array_file.h"
#include "client/cli/image.h"
#include "client/cli/sample_file.h"
#include "inference/grpc_service.pb.h"
#include "inference/model_config.pb.h"

namespace actium::cli {

/// An input of a model, from its metadata and configuration.
struct ModelInput {
  std::string name;
  std::string datatype;        ///< The protocol's name.
  bool batched = false;        ///< True: shape begins with the batch dimension.
  std::vector<int64_t> shape;  ///< Whole; -1 for any size.
};

/// Where the parts of a picture are in a model's input.
struct PictureLayout {
  enum class Order { kChannelsFirst, kChannelsLast, kNoChannels };
  Order order = Order::kNoChannels;
  int channels = 1;  ///< 1 or 3; 0: any.
  int height = 0;    ///< 0: any.
  int width = 0;     ///< 0: any.
};

/// How 8-bit samples become the model's numbers.
enum class Scale {
  kNone,      ///< As they are, 0 to 255.
  kUnit,      ///< Divided by 255.
  kImageNet,  ///< Divided by 255, minus the mean and divided by the deviation of ImageNet's
              ///< channels.
};

/// Returns an input of a model; the only one if `name` is empty.
///
/// Errors: INVALID_ARGUMENT names the inputs that there are.
absl::StatusOr<ModelInput> FindInput(const inference::ModelMetadataResponse& metadata,
                                     const inference::ModelConfig& config, const std::string& name);

/// Returns how a picture lies in an input: by the configuration's format, or by where a dimension
/// of 1 or 3 stands.
///
/// Errors: INVALID_ARGUMENT if the shape is none of a picture.
absl::StatusOr<PictureLayout> FindLayout(const ModelInput& input,
                                         const inference::ModelConfig& config);

/// Returns a picture as one request's tensor: channels, size, type, scale and order as the model
/// wants them, and one row of a batch if it takes batches.
///
/// Errors: INVALID_ARGUMENT (a scale that the element type or the number of channels cannot have,
/// an element type that cannot hold 0 to 255).
absl::StatusOr<Array> FromImage(const Image& image, const ModelInput& input,
                                const PictureLayout& layout, Scale scale);

/// Returns an array as one request's tensor: as it is, or as one row of a batch.
///
/// Errors: INVALID_ARGUMENT if its type or shape is not the input's.
absl::StatusOr<Array> FromArray(const Array& array, const ModelInput& input);

/// Returns what a file holds as one request's tensor: its array if that fits, otherwise its
/// picture.
///
/// layout: an error matters for pictures only, and is then the result.
/// Errors: those of FromArray() and FromImage().
absl::StatusOr<Array> FromSample(const Sample& sample, const ModelInput& input,
                                 const absl::StatusOr<PictureLayout>& layout, Scale scale);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_MODEL_INPUT_H_
