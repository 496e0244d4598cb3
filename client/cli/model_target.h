#ifndef ACTIUM_CLIENT_CLI_MODEL_TARGET_H_
#define ACTIUM_CLIENT_CLI_MODEL_TARGET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/model_input.h"
#include "client/cli/sample_file.h"

namespace actium::cli {

/// What must be known of a model to send it pictures or arrays and to read its classes.
struct ModelTarget {
  std::string model;
  std::string version;  ///< Empty: the latest.
  ModelInput input;
  /// An error matters for pictures only.
  absl::StatusOr<PictureLayout> layout = absl::UnknownError("");
  std::string output;
  int64_t classes = 0;  ///< 0: not known.
};

/// Asks the server about a model.
///
/// input: empty: the only one. output: empty: the first.
/// Errors: those of the server, and of FindInput().
absl::StatusOr<ModelTarget> FindModelTarget(client::Client& server, const std::string& model,
                                            const std::string& version, const std::string& input,
                                            const std::string& output);

/// The same for a model as comparisons name it, NAME or NAME:VERSION.
absl::StatusOr<ModelTarget> FindVariantTarget(client::Client& server, const std::string& variant,
                                              const std::string& input, const std::string& output);

/// True if a sample needs no conversion but a reordering of channels: an array of the input's type
/// and shape, or a picture of its size and channels for an input of 8-bit samples.
bool TakesUnchanged(const ModelTarget& target, const Sample& sample);

/// Returns the names of a model's classes, in their order; empty if it has none, or if their number
/// is not known or above 10,000. Runs the model once.
///
/// tensor: any that the model takes, as FromSample() makes it. Errors: those of the server.
absl::StatusOr<std::vector<std::string>> ReadModelLabels(client::Client& server,
                                                         const ModelTarget& target,
                                                         const Array& tensor);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_MODEL_TARGET_H_
