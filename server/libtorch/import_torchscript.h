#ifndef ACTIUM_SERVER_LIBTORCH_IMPORT_TORCHSCRIPT_H_
#define ACTIUM_SERVER_LIBTORCH_IMPORT_TORCHSCRIPT_H_

// Internal to server/libtorch.

#include <span>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"
#include "server/tensor/tensor_view.h"

namespace torch::jit {
struct Graph;
}  // namespace torch::jit

namespace actium::libtorch {

/// How a signature meets a program.
struct ProgramBinding {
  std::span<const tensor::TensorSpec> inputs;  ///< Of one row, every dimension known.
  std::span<const int> arguments;  ///< For each of the program's arguments, which input it gets.
  std::span<const int> results;    ///< For each output, which of the program's results it is.
};

/// Turns a frozen `forward` into a graph that gives the same for every row of a batch. Its inputs
/// and outputs are in the signature's order.
///
/// Errors: UNIMPLEMENTED names the operation, its source line and what of it a graph cannot express
/// (an operation that is not known, one that mixes rows, a weight that is no FP32); nothing is ever
/// approximated. RESOURCE_EXHAUSTED for a program that is too long.
absl::StatusOr<graph::Graph> ImportTorchScript(const torch::jit::Graph& forward,
                                               const ProgramBinding& binding);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_IMPORT_TORCHSCRIPT_H_
