#ifndef ACTIUM_SERVER_LIBTORCH_BINDING_H_
#define ACTIUM_SERVER_LIBTORCH_BINDING_H_

// Internal to server/libtorch: how configured names meet a program's arguments and results. Pure.

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/tensor/tensor_view.h"

namespace actium::libtorch {

/// Returns for each argument which of the configured inputs it gets; see NewLoader() for the rule.
///
/// argument_names: all of the program's tensor arguments; required: how many have no default value.
/// Errors: INVALID_ARGUMENT if there are fewer inputs than required or more than arguments.
absl::StatusOr<std::vector<int>> BindInputs(std::span<const tensor::TensorSpec> inputs,
                                            std::span<const std::string> argument_names,
                                            int required);

/// Returns for each configured output which of the program's results it is.
///
/// Errors: INVALID_ARGUMENT if there are more outputs than results, or an index has none.
absl::StatusOr<std::vector<int>> BindOutputs(std::span<const tensor::TensorSpec> outputs,
                                             int results);

/// Checks what a program gave against what is configured.
///
/// batch: the rows of the batch, which the leading dimension must have; 0 for models that do not
/// batch. Errors: INVALID_ARGUMENT names the output and both types and shapes.
absl::Status CheckOutput(const tensor::TensorSpec& output, int64_t batch, tensor::DType given,
                         std::span<const int64_t> given_shape);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_BINDING_H_
