#ifndef ACTIUM_SERVER_LIBTORCH_CHECK_TENSORS_H_
#define ACTIUM_SERVER_LIBTORCH_CHECK_TENSORS_H_

// Internal to server/libtorch.

#include <string>

#include "absl/status/status.h"

namespace torch::jit {
struct Module;
}

namespace actium::libtorch {

/// Checks that no tensor of a module that was read from a file (parameters, buffers, other
/// attributes, constants of its functions) reaches beyond its memory. LibTorch takes sizes, strides
/// and offsets from the file as they are, and the length of the data too: whoever reads such a
/// tensor reads what lies behind. To be called before anybody does.
///
/// file: its name, for errors. Errors: INVALID_ARGUMENT names the tensor's type and shape; what
/// LibTorch throws.
absl::Status CheckTensors(const torch::jit::Module& script, const std::string& file);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_CHECK_TENSORS_H_
