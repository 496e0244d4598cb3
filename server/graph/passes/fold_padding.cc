#include <optional>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/graph/join_nodes.h"
#include "server/graph/passes.h"

namespace actium::graph {
namespace {

// The convolution with the zeros that it reads as padding of its own; nothing if it cannot have
// them.
std::optional<Convolution> WithPadding(const Graph& graph, const Node& node, const Node& zeros) {
  const Pad& pad = std::get<Pad>(zeros.op);
  const auto* const convolution = std::get_if<Convolution>(&node.op);
  if (convolution == nullptr || pad.before != pad.after || pad.value != 0) return std::nullopt;
  Convolution padded = *convolution;
  const tensor::Shape& weight = graph.value(node.inputs[1]).shape;
  for (size_t i = 0; i < 2; ++i) {
    padded.padding[i] += pad.before[i];
    if (padded.padding[i] > padded.dilation[i] * (weight[i + 2] - 1)) return std::nullopt;
  }
  return padded;
}

// Puts the convolution, with the zeros as padding of its own, in the place of both.
absl::Status Fold(Rewriter& rewriter, const Node& pad, const Node& convolution) {
  std::vector<ValueId> read = convolution.inputs;
  read[0] = pad.inputs[0];
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, rewriter.Of(read));
  return rewriter.Put(convolution.output, *WithPadding(rewriter.from(), convolution, pad),
                      std::move(inputs), convolution.source);
}

}  // namespace

absl::StatusOr<Graph> FoldPadding(const Graph& graph) {
  return JoinNodes(
      graph, [](const Node& node) { return std::holds_alternative<Pad>(node.op); },
      [&](const Node& node, Candidates candidates) {
        const Node* const pad = candidates.front();
        return WithPadding(graph, node, *pad).has_value() ? pad : nullptr;
      },
      [](Rewriter& rewriter, const Node& node, const Node* joined) {
        return joined == nullptr ? rewriter.Copy(node) : Fold(rewriter, *joined, node);
      });
}

}  // namespace actium::graph
