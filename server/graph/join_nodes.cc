#include "server/graph/join_nodes.h"

#include <algorithm>
#include <vector>

#include "server/base/status_macros.h"

namespace actium::graph {
namespace {

using Nodes = std::vector<const Node*>;

size_t At(ValueId id) { return static_cast<size_t>(id); }

// makers: by their output.
Nodes CandidatesOf(const Node& node, const std::vector<int>& uses, const Nodes& makers,
                   absl::FunctionRef<bool(const Node&)> joinable) {
  Nodes candidates;
  for (const ValueId input : node.inputs) {
    const Node* const maker = makers[At(input)];
    if (maker == nullptr || !joinable(*maker)) continue;
    if (std::ranges::count(node.inputs, input) == uses[At(input)]) candidates.push_back(maker);
  }
  std::ranges::sort(candidates);  // Nodes lie in one array, in order.
  return candidates;
}

}  // namespace

bool TakesEpilogue(const Node& node) {
  const bool heavy =
      std::holds_alternative<Convolution>(node.op) || std::holds_alternative<Linear>(node.op);
  return heavy && ProgramOf(node.op)->empty();
}

absl::StatusOr<Graph> JoinNodes(
    const Graph& graph, absl::FunctionRef<bool(const Node& node)> joinable,
    absl::FunctionRef<const Node*(const Node& node, Candidates candidates)> choose,
    absl::FunctionRef<absl::Status(Rewriter& rewriter, const Node& node, const Node* joined)> put) {
  const std::vector<int> uses = graph.UseCounts();
  Nodes makers(graph.values().size(), nullptr);
  Nodes joined(graph.values().size(), nullptr);  // By the output of the node that joins.
  std::vector<bool> taken(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    makers[At(node.output)] = &node;
    const Nodes candidates = CandidatesOf(node, uses, makers, joinable);
    if (candidates.empty()) continue;
    const Node* const chosen = choose(node, candidates);
    if (chosen == nullptr) continue;
    joined[At(node.output)] = chosen;
    taken[At(chosen->output)] = true;
  }

  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  for (const Node& node : graph.nodes()) {
    if (!rewriter.live(node.output) || taken[At(node.output)]) continue;
    ACTIUM_RETURN_IF_ERROR(put(rewriter, node, joined[At(node.output)]));
  }
  return rewriter.Finish();
}

}  // namespace actium::graph
