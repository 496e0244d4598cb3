#include <cmath>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/passes.h"
#include "server/graph/rewriter.h"

namespace actium::graph {
namespace {

// What a batch norm does to each channel: x * factor + offset.
struct Affine {
  std::vector<double> factor;
  std::vector<double> offset;
};

Affine AffineOf(const Graph& graph, const Node& node) {
  const auto numbers = [&](size_t i) -> const Numbers& {
    return *graph.value(node.inputs[i]).constant;
  };
  const double epsilon = std::get<BatchNorm>(node.op).epsilon;
  Affine affine;
  for (size_t c = 0; c < numbers(1).size(); ++c) {
    const double factor = numbers(3)[c] / std::sqrt(double{numbers(2)[c]} + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back(numbers(4)[c] - numbers(1)[c] * factor);
  }
  return affine;
}

// The node that makes the batch norm's input, if it can take it up; else null.
const Node* Taker(const Graph& graph, const Node& norm, const std::vector<int>& uses,
                  const std::vector<const Node*>& makers) {
  const Node* const maker = makers[static_cast<size_t>(norm.inputs[0])];
  if (maker == nullptr || uses[static_cast<size_t>(maker->output)] != 1) return nullptr;
  const bool linear = std::holds_alternative<Linear>(maker->op);
  // A linear's features are the last dimension, a batch norm's channels the first.
  if (linear && graph.value(maker->output).shape.size() != 1) return nullptr;
  if (!linear && !std::holds_alternative<Convolution>(maker->op)) return nullptr;
  return ProgramOf(maker->op)->empty() ? maker : nullptr;
}

absl::StatusOr<ValueId> AddNumbers(Rewriter& rewriter, const std::string& name,
                                   const tensor::Shape& shape, Numbers numbers) {
  return rewriter.to().AddConstant(rewriter.to().FreeName(name), shape,
                                   std::make_shared<const Numbers>(std::move(numbers)));
}

// Puts the maker, with the batch norm in its weights, in the place of both.
absl::Status Fold(Rewriter& rewriter, const Node& maker, const Node& norm) {
  const Graph& graph = rewriter.from();
  const Affine affine = AffineOf(graph, norm);
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
  const Affine affine = AffineOf(graph, norm);
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
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  const std::vector<int> uses = graph.UseCounts();
  std::vector<const Node*> makers(graph.values().size(), nullptr);
  std::vector<const Node*> takers(graph.values().size(), nullptr);  // By the batch norm's output.
  std::vector<bool> taken(graph.values().size(), false);
  for (const Node& node : graph.nodes()) {
    makers[static_cast<size_t>(node.output)] = &node;
    if (!std::holds_alternative<BatchNorm>(node.op)) continue;
    const Node* const taker = Taker(graph, node, uses, makers);
    if (taker == nullptr) continue;
    takers[static_cast<size_t>(node.output)] = taker;
    taken[static_cast<size_t>(taker->output)] = true;
  }
  for (const Node& node : graph.nodes()) {
    const auto output = static_cast<size_t>(node.output);
    if (!rewriter.live(node.output) || taken[output]) continue;
    if (takers[output] != nullptr) {
      ACTIUM_RETURN_IF_ERROR(Fold(rewriter, *takers[output], node));
    } else if (std::holds_alternative<BatchNorm>(node.op)) {
      ACTIUM_RETURN_IF_ERROR(MakePointwise(rewriter, node));
    } else {
      ACTIUM_RETURN_IF_ERROR(rewriter.Copy(node));
    }
  }
  return rewriter.Finish();
}

}  // namespace actium::graph
