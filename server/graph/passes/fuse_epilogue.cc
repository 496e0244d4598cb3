#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/graph/passes.h"
#include "server/graph/program_builder.h"
#include "server/graph/rewriter.h"

namespace actium::graph {
namespace {

bool TakesEpilogue(const Node& node) {
  const bool heavy =
      std::holds_alternative<Convolution>(node.op) || std::holds_alternative<Linear>(node.op);
  return heavy && ProgramOf(node.op)->empty();
}

// Returns the last of the convolutions and linears that only this node reads, or null. makers: in
// the graph's order, by output.
const Node* Taker(const Node& pointwise, const std::vector<int>& uses,
                  const std::vector<const Node*>& makers) {
  const Node* taker = nullptr;
  for (const ValueId input : pointwise.inputs) {
    const Node* const maker = makers[static_cast<size_t>(input)];
    if (maker == nullptr || !TakesEpilogue(*maker)) continue;
    if (std::ranges::count(pointwise.inputs, input) != uses[static_cast<size_t>(input)]) continue;
    // Nodes lie in one array, in order.
    if (taker == nullptr || maker > taker) taker = maker;
  }
  return taker;
}

Op WithEpilogue(Op op, Program epilogue) {
  if (auto* convolution = std::get_if<Convolution>(&op))
    convolution->epilogue = std::move(epilogue);
  if (auto* linear = std::get_if<Linear>(&op)) linear->epilogue = std::move(epilogue);
  return op;
}

// Puts the taker, with the program as its epilogue, in the place of the pointwise node.
absl::Status Fuse(Rewriter& rewriter, const Node& taker, const Node& pointwise) {
  ProgramBuilder epilogue;
  epilogue.Input(taker.output);  // Register 0.
  std::vector<ProgramBuilder::Register> registers;
  for (const ValueId input : pointwise.inputs) registers.push_back(epilogue.Input(input));
  epilogue.Add(std::get<Pointwise>(pointwise.op).program, registers);

  std::vector<ValueId> old = taker.inputs;
  old.insert(old.end(), epilogue.inputs().begin() + 1, epilogue.inputs().end());
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, rewriter.Of(old));
  return rewriter.Put(pointwise.output, WithEpilogue(taker.op, epilogue.Build()), std::move(inputs),
                      taker.source);
}

}  // namespace

absl::StatusOr<Graph> FuseEpilogue(const Graph& graph) {
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  const std::vector<int> uses = graph.UseCounts();
  std::vector<const Node*> makers(graph.values().size(), nullptr);
  std::vector<const Node*> takers(graph.values().size(), nullptr);  // By the pointwise's output.
  std::vector<bool> taken(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    makers[static_cast<size_t>(node.output)] = &node;
    if (!std::holds_alternative<Pointwise>(node.op)) continue;
    const Node* const taker = Taker(node, uses, makers);
    if (taker == nullptr) continue;
    takers[static_cast<size_t>(node.output)] = taker;
    taken[static_cast<size_t>(taker->output)] = true;
  }
  for (const Node& node : graph.nodes()) {
    const auto output = static_cast<size_t>(node.output);
    if (!rewriter.live(node.output) || taken[output]) continue;
    const Node* const taker = takers[output];
    ACTIUM_RETURN_IF_ERROR(taker == nullptr ? rewriter.Copy(node) : Fuse(rewriter, *taker, node));
  }
  return rewriter.Finish();
}

}  // namespace actium::graph
