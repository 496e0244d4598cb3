#ifndef ACTIUM_SERVER_REPOSITORY_CONFIG_TEXT_H_
#define ACTIUM_SERVER_REPOSITORY_CONFIG_TEXT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/tensor/tensor_view.h"

/// A model's configuration as text (config.pbtxt).
namespace actium::repository {

/// Longest text that is read: 1 MiB.
inline constexpr size_t kMostConfigBytes = size_t{1} << 20;

/// Reads a configuration in protobuf's text format. Only its form is checked: MakeSettings() checks
/// what it says.
///
/// text: untrusted. where: the file's name as messages shall show it.
/// Errors: INVALID_ARGUMENT, `config.pbtxt:4: unknown field "max_batchsize"`.
absl::StatusOr<::inference::ModelConfig> ParseModelConfig(std::string_view text,
                                                          std::string_view where);

/// Writes a config.pbtxt, with comments, for a model that was run once on `inputs` and gave
/// `outputs` (whole shapes). If all of them lead with a dimension of 1, that is taken for the batch
/// and left out, and the text says so.
///
/// name: the model's folder. ParseModelConfig() reads the result.
std::string DraftConfig(std::string_view name, std::span<const tensor::TensorSpec> inputs,
                        std::span<const tensor::TensorSpec> outputs);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_CONFIG_TEXT_H_
