#include "server/graph/ops.h"

#include <iterator>

namespace actium::graph {

std::string_view Name(const Op& op) {
  constexpr std::string_view kNames[] = {"cast",      "convolution", "linear", "batch_norm",
                                         "pointwise", "pool",        "pad",    "global_average",
                                         "reshape",   "concat",      "softmax"};
  static_assert(std::size(kNames) == std::variant_size_v<Op>);
  return kNames[op.index()];
}

const Program* ProgramOf(const Op& op) {
  if (const auto* convolution = std::get_if<Convolution>(&op)) return &convolution->epilogue;
  if (const auto* linear = std::get_if<Linear>(&op)) return &linear->epilogue;
  if (const auto* pointwise = std::get_if<Pointwise>(&op)) return &pointwise->program;
  return nullptr;
}

Program* MutableProgramOf(Op& op) {
  return const_cast<Program*>(ProgramOf(op));  // The operation itself is not const.
}

int InputRegisters(const Op& op, size_t inputs) {
  if (ProgramOf(op) == nullptr) return 0;
  if (std::holds_alternative<Pointwise>(op)) return static_cast<int>(inputs);
  // The operation's result, then what follows x, weight and bias.
  return inputs < 3 ? 1 : static_cast<int>(inputs) - 2;
}

}  // namespace actium::graph
