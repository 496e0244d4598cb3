#ifndef ACTIUM_SERVER_GRAPH_JOIN_NODES_H_
#define ACTIUM_SERVER_GRAPH_JOIN_NODES_H_

// Internal to server/graph: what passes share.

#include <span>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/graph.h"
#include "server/graph/rewriter.h"

namespace actium::graph {

/// Nodes that a later one may join, in the graph's order: nobody else reads their result. At least
/// one.
using Candidates = std::span<const Node* const>;

/// Whether a node is a convolution or linear without epilogue.
bool TakesEpilogue(const Node& node);

/// Makes a graph in which nodes have joined others before them.
///
/// joinable: which may be candidates. choose: returns which of the candidates a node joins, or
/// null. put: adds what takes the place of a node, and of the one that it joins; `joined` is null
/// for a node that joins none. Errors: those of put.
absl::StatusOr<Graph> JoinNodes(
    const Graph& graph, absl::FunctionRef<bool(const Node& node)> joinable,
    absl::FunctionRef<const Node*(const Node& node, Candidates candidates)> choose,
    absl::FunctionRef<absl::Status(Rewriter& rewriter, const Node& node, const Node* joined)> put);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_JOIN_NODES_H_
