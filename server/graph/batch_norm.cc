#include "server/graph/batch_norm.h"

#include <cmath>

namespace actium::graph {

ChannelAffine BatchNormAffine(const Graph& graph, const Node& node) {
  const auto numbers = [&](size_t i) -> const Numbers& {
    return *graph.value(node.inputs[i]).constant;
  };
  const double epsilon = std::get<BatchNorm>(node.op).epsilon;
  ChannelAffine affine;
  for (size_t c = 0; c < numbers(1).size(); ++c) {
    const double factor = numbers(3)[c] / std::sqrt(double{numbers(2)[c]} + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back(numbers(4)[c] - numbers(1)[c] * factor);
  }
  return affine;
}

}  // namespace actium::graph
