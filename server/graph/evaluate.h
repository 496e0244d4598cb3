#ifndef ACTIUM_SERVER_GRAPH_EVALUATE_H_
#define ACTIUM_SERVER_GRAPH_EVALUATE_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"

namespace actium::graph {

/// Runs a graph on one row, in double and in the plainest way: what engines are tested against.
///
/// inputs: in the graph's order, the numbers of each input's row, row-major, of any type as
/// doubles. Returns those of each output. Errors: INVALID_ARGUMENT if the numbers do not fit.
absl::StatusOr<std::vector<std::vector<double>>> Evaluate(
    const Graph& graph, std::span<const std::vector<double>> inputs);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_EVALUATE_H_
