#include <memory>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/batch_norm.h"
#include "server/graph/join_nodes.h"
#include "server/graph/passes.h"

namespace actium::graph {
namespace {

// Whether the batch norm may join: of a linear, features are the last dimension of a row, and the
// batch norm's channels are the first.
const Node* Choose(const Graph& graph, const Node& node, const Node& maker) {
  if (!std::holds_alternative<BatchNorm>(node.op)) return nullptr;
  const bool linear = std::holds_alternative<Linear>(maker.op);
  return linear && graph.value(maker.output).shape.size() != 1 ? nullptr : &maker;
}

absl::StatusOr<ValueId> AddNumbers(Rewriter& rewriter, const std::string& name,
                                   const tensor::Shape& shape, Numbers numbers) {
  return rewriter.to().AddConstant(rewriter.to().FreeName(name), shape,
                                   std::make_shared<const Numbers>(std::move(numbers)));
}

// Puts the maker, with the batch norm in its weights, in the place of both.
absl::Status Fold(Rewriter& rewriter, const Node& maker, const Node& norm) {
  const Graph& graph = rewriter.from();
  const ChannelAffine affine = BatchNormAffine(graph, norm);
  const Value& weight = graph.value(maker.inputs[1]);
  const Value& bias = graph.value(maker.inputs[2]);
  Numbers weights = *weight.constant;
  Numbers biases = *bias.constant;
  const size_t per_channel = weights.size() / biases.size();
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(weights[i] * affine.factor[i / per_channel]);
  }
  for (size_t c = 0; c < biases.size(); ++c) {
    biases[c] = static_cast<float>(biases[c] * affine.factor[c] + affine.offset[c]);
  }
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, rewriter.Of(maker.inputs[0]));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId new_weight, AddNumbers(rewriter, weight.name + ".folded",
                                                               weight.shape, std::move(weights)));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId new_bias, AddNumbers(rewriter, bias.name + ".folded",
                                                             bias.shape, std::move(biases)));
  return rewriter.Put(norm.output, maker.op, {x, new_weight, new_bias}, maker.source);
}

// Puts x * factor + offset in the place of the batch norm.
absl::Status MakePointwise(Rewriter& rewriter, const Node& norm) {
  const Graph& graph = rewriter.from();
  const ChannelAffine affine = BatchNormAffine(graph, norm);
  const tensor::Shape& row = graph.value(norm.output).shape;
  tensor::Shape shape(row.size(), 1);
  shape[0] = row[0];
  const auto add = [&](const char* what, const std::vector<double>& numbers) {
    return AddNumbers(rewriter, fmt::format("{}.{}", graph.value(norm.output).name, what), shape,
                      Numbers(numbers.begin(), numbers.end()));
  };
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, rewriter.Of(norm.inputs[0]));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId factor, add("factor", affine.factor));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId offset, add("offset", affine.offset));
  Program program = {{.step = ArithmeticKind::kMultiply, .left = 0, .right = 1},
                     {.step = ArithmeticKind::kAdd, .left = 3, .right = 2}};
  return rewriter.Put(norm.output, Pointwise{std::move(program)}, {x, factor, offset}, norm.source);
}

}  // namespace

absl::StatusOr<Graph> FoldBatchNorm(const Graph& graph) {
  return JoinNodes(
      graph, TakesEpilogue,
      [&](const Node& node, Candidates candidates) {
        return Choose(graph, node, *candidates.front());
      },
      [](Rewriter& rewriter, const Node& node, const Node* joined) {
        if (joined != nullptr) return Fold(rewriter, *joined, node);
        const bool norm = std::holds_alternative<BatchNorm>(node.op);
        return norm ? MakePointwise(rewriter, node) : rewriter.Copy(node);
      });
}

}  // namespace actium::graph
