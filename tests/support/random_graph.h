#ifndef ACTIUM_TESTS_SUPPORT_RANDOM_GRAPH_H_
#define ACTIUM_TESTS_SUPPORT_RANDOM_GRAPH_H_

#include <cstdint>
#include <vector>

#include "server/graph/graph.h"

/// Graphs for property tests: what holds for every graph is tried on some hundred of these.
namespace actium::test {

/// How large a random graph gets.
struct RandomGraphLimits {
  int nodes = 12;        ///< Most steps; some take two nodes.
  int64_t channels = 9;  ///< Most channels or features that one operation makes, but for Concat.
  int64_t pixels = 9;    ///< Most rows and columns of an input image.
};

/// Returns a valid graph; the same for the same seed and limits.
///
/// Sizes are mostly odd ones, from 1 on. Over some hundred seeds there is each operation,
/// activation and arithmetic with most of their attributes: groups up to depthwise, dilation,
/// stride and padding that differ by direction, every pooling rule, epilogues with residual values,
/// gates and constants that broadcast in every way, values that several nodes read, several inputs
/// of any type, several outputs, dead instructions. Every node matters for an output; no output is
/// an input.
///
/// Numbers are well scaled: with RandomInputs() those of the outputs are some units, seldom some
/// thousand, nothing divides by less than 1/2, and every step is continuous. So an engine in
/// float32 agrees with graph::Evaluate() up to rounding.
graph::Graph RandomGraph(uint64_t seed, const RandomGraphLimits& limits = {});

/// Returns the numbers of one row of each input, in order: all exact in the input's type, floats
/// within [-2, 2], some of them 0, integers within [-128, 255].
std::vector<std::vector<double>> RandomInputs(const graph::Graph& graph, uint64_t seed);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_RANDOM_GRAPH_H_
