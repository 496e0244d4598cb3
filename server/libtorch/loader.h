#ifndef ACTIUM_SERVER_LIBTORCH_LOADER_H_
#define ACTIUM_SERVER_LIBTORCH_LOADER_H_

#include <memory>

#include "server/engine/executor.h"

namespace actium::libtorch {

/// Makes the loader of the reference engine: TorchScript files (torch.jit.save), run on the CPU by
/// LibTorch's own kernels. engine() of its models is "libtorch".
///
/// A model's `forward` takes tensors and returns a tensor, or a tuple or list of tensors.
/// Configured inputs are its arguments by name if all names are names of arguments; by index if all
/// end in `__<index>` (INPUT__0); otherwise by order. Outputs are its results by index if all end
/// in
/// `__<index>`, otherwise by order.
///
/// Changes settings of LibTorch that count for the whole process: TorchScript programs run as they
/// are frozen, never specialised again for new shapes.
std::unique_ptr<engine::ModelLoader> NewLoader();

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_LOADER_H_
