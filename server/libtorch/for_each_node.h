#ifndef ACTIUM_SERVER_LIBTORCH_FOR_EACH_NODE_H_
#define ACTIUM_SERVER_LIBTORCH_FOR_EACH_NODE_H_

// Internal to server/libtorch.

#include "torch/csrc/jit/ir/ir.h"

namespace actium::libtorch {

/// Calls visit(node) for every node of a block and of the blocks inside it, in order.
template <class Visitor>
void ForEachNode(const torch::jit::Block& block, Visitor&& visit) {
  for (const torch::jit::Node* node : block.nodes()) {
    visit(*node);
    for (const torch::jit::Block* inner : node->blocks()) ForEachNode(*inner, visit);
  }
}

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_FOR_EACH_NODE_H_
