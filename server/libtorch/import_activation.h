#ifndef ACTIUM_SERVER_LIBTORCH_IMPORT_ACTIVATION_H_
#define ACTIUM_SERVER_LIBTORCH_IMPORT_ACTIVATION_H_

// Internal to server/libtorch.

#include <string_view>

#include "absl/status/status.h"
#include "server/libtorch/import_context.h"

namespace actium::libtorch {

/// Adds an activation of the table, or a clamp, as a pointwise step.
///
/// name: of PyTorch's function, without namespace and trailing underscore.
/// Errors: UNIMPLEMENTED if the table has no function that gives the same.
absl::Status ImportActivation(ImportContext& context, const torch::jit::Node& node,
                              std::string_view name);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_IMPORT_ACTIVATION_H_
