#include <utility>

#include "server/base/status_macros.h"
#include "server/graph/join_nodes.h"
#include "server/graph/passes.h"
#include "server/graph/program_builder.h"

namespace actium::graph {
namespace {

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
  Op op = taker.op;
  *MutableProgramOf(op) = epilogue.Build();
  return rewriter.Put(pointwise.output, std::move(op), std::move(inputs), taker.source);
}

}  // namespace

absl::StatusOr<Graph> FuseEpilogue(const Graph& graph) {
  return JoinNodes(
      graph, TakesEpilogue,
      [](const Node& node, Candidates candidates) {
        return std::holds_alternative<Pointwise>(node.op) ? candidates.back() : nullptr;
      },
      [](Rewriter& rewriter, const Node& node, const Node* joined) {
        return joined == nullptr ? rewriter.Copy(node) : Fuse(rewriter, *joined, node);
      });
}

}  // namespace actium::graph
