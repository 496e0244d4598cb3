#ifndef ACTIUM_TESTS_SUPPORT_SHRINK_GRAPH_H_
#define ACTIUM_TESTS_SUPPORT_SHRINK_GRAPH_H_

#include "absl/functional/function_ref.h"
#include "server/graph/graph.h"

/// Makes what a property test found readable.
namespace actium::test {

/// Returns a graph that still fails, and of which no step can be taken away without that it holds:
/// cut off behind a node, without a node that keeps its input's shape, without the last instruction
/// of a program. It has the inputs of the first one, needed or not.
///
/// fails: of this graph true; called some ten times for each node.
graph::Graph ShrinkGraph(graph::Graph graph, absl::FunctionRef<bool(const graph::Graph&)> fails);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_SHRINK_GRAPH_H_
