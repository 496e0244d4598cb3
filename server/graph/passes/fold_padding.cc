#include <optional>
#include <vector>

#include "server/base/status_macros.h"
#include "server/graph/passes.h"
#include "server/graph/rewriter.h"

namespace actium::graph {
namespace {

size_t At(ValueId id) { return static_cast<size_t>(id); }

// The convolution with the zeros that it reads as padding of its own; nothing if it cannot have
// them.
std::optional<Convolution> WithPadding(const Graph& graph, const Node& node, const Pad& pad) {
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

}  // namespace

absl::StatusOr<Graph> FoldPadding(const Graph& graph) {
  const std::vector<int> uses = graph.UseCounts();
  std::vector<const Node*> pads(graph.values().size(), nullptr);  // By their output.
  std::vector<std::optional<Convolution>> folded(graph.values().size());
  std::vector<bool> gone(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    if (std::holds_alternative<Pad>(node.op)) pads[At(node.output)] = &node;
    const Node* const pad = pads[At(node.inputs[0])];
    if (pad == nullptr || uses[At(pad->output)] != 1) continue;
    folded[At(node.output)] = WithPadding(graph, node, std::get<Pad>(pad->op));
    gone[At(pad->output)] = folded[At(node.output)].has_value();
  }

  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  for (const Node& node : graph.nodes()) {
    if (!rewriter.live(node.output) || gone[At(node.output)]) continue;
    if (!folded[At(node.output)].has_value()) {
      ACTIUM_RETURN_IF_ERROR(rewriter.Copy(node));
      continue;
    }
    std::vector<ValueId> read = node.inputs;
    read[0] = pads[At(node.inputs[0])]->inputs[0];
    ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, rewriter.Of(read));
    ACTIUM_RETURN_IF_ERROR(
        rewriter.Put(node.output, *folded[At(node.output)], std::move(inputs), node.source));
  }
  return rewriter.Finish();
}

}  // namespace actium::graph
