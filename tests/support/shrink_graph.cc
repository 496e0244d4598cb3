#include "tests/support/shrink_graph.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/status_macros.h"
#include "server/graph/rewriter.h"

namespace actium::test {
namespace {

using graph::Graph;
using graph::Node;
using graph::Rewriter;
using graph::ValueId;

// Without what no output needs.
absl::StatusOr<Graph> Tidy(const Graph& graph) {
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  for (const Node& node : graph.nodes()) {
    if (!rewriter.live(node.output)) continue;
    ACTIUM_RETURN_IF_ERROR(rewriter.Copy(node));
  }
  return rewriter.Finish();
}

// A copy with one node done otherwise.
absl::StatusOr<Graph> Changed(
    const Graph& graph, const Node& changed,
    absl::FunctionRef<absl::Status(Rewriter& rewriter, const Node& node)> change) {
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  for (const Node& node : graph.nodes()) {
    ACTIUM_RETURN_IF_ERROR(&node == &changed ? change(rewriter, node) : rewriter.Copy(node));
  }
  ACTIUM_ASSIGN_OR_RETURN(const Graph result, rewriter.Finish());
  return Tidy(result);
}

// The node's value is the only output.
absl::StatusOr<Graph> CutBehind(const Graph& graph, const Node& last) {
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  for (const Node& node : graph.nodes()) ACTIUM_RETURN_IF_ERROR(rewriter.Copy(node));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId output, rewriter.Of(last.output));
  ACTIUM_RETURN_IF_ERROR(rewriter.to().SetOutputs({output}));
  return Tidy(rewriter.to());
}

// Who reads the node reads an input of the node instead.
absl::Status Bypass(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.from();
  const graph::Value& value = graph.value(node.output);
  for (const ValueId input : node.inputs) {
    const graph::Value& other = graph.value(input);
    if (other.constant != nullptr || other.shape != value.shape || other.dtype != value.dtype) {
      continue;
    }
    ACTIUM_ASSIGN_OR_RETURN(const ValueId now, rewriter.Of(input));
    rewriter.Replace(node.output, now);
    return absl::OkStatus();
  }
  return absl::NotFoundError("no input has the node's shape");
}

absl::Status DropInstruction(Rewriter& rewriter, const Node& node) {
  graph::Op op = node.op;
  graph::Program* const program = graph::MutableProgramOf(op);
  const size_t least = std::holds_alternative<graph::Pointwise>(op) ? 1 : 0;
  if (program == nullptr || program->size() <= least) {
    return absl::NotFoundError("the node has no instruction to spare");
  }
  program->pop_back();
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, rewriter.Of(node.inputs));
  return rewriter.Put(node.output, std::move(op), std::move(inputs), node.source);
}

// Nodes, instructions and outputs: every step makes this less.
size_t SizeOf(const Graph& graph) {
  size_t size = graph.nodes().size() + graph.outputs().size();
  for (const Node& node : graph.nodes()) {
    if (const graph::Program* program = graph::ProgramOf(node.op)) size += program->size();
  }
  return size;
}

// A smaller graph that fails, or nothing.
std::optional<Graph> Smaller(const Graph& graph, absl::FunctionRef<bool(const Graph&)> fails) {
  for (const Node& node : graph.nodes()) {
    for (absl::StatusOr<Graph> candidate : {CutBehind(graph, node), Changed(graph, node, Bypass),
                                            Changed(graph, node, DropInstruction)}) {
      // A step that makes no valid graph is none.
      if (candidate.ok() && SizeOf(*candidate) < SizeOf(graph) && fails(*candidate)) {
        return *std::move(candidate);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Graph ShrinkGraph(Graph graph, absl::FunctionRef<bool(const Graph&)> fails) {
  while (std::optional<Graph> smaller = Smaller(graph, fails)) graph = *std::move(smaller);
  return graph;
}

}  // namespace actium::test
