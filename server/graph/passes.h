#ifndef ACTIUM_SERVER_GRAPH_PASSES_H_
#define ACTIUM_SERVER_GRAPH_PASSES_H_

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"

/// Each pass makes a graph that gives the same numbers, up to rounding, in fewer steps. Errors are
/// those of building a graph, which a pass meets only if it is wrong, or if the graph is too large.
namespace actium::graph {

/// Folds a batch norm into the weights of the convolution or linear before it, if nobody else reads
/// their result; turns any other into a multiplication and an addition per channel.
/// Source: S. Ioffe and C. Szegedy, arXiv:1502.03167, algorithm 2.
absl::StatusOr<Graph> FoldBatchNorm(const Graph& graph);

/// Makes zeros around an image the padding of the convolution that reads it, if nobody else does:
/// the same on both sides, and less than the dilated kernel's size, which fast kernels ask for.
absl::StatusOr<Graph> FoldPadding(const Graph& graph);

/// Merges pointwise steps that follow one another, so that a chain of any length goes over memory
/// once.
absl::StatusOr<Graph> FusePointwise(const Graph& graph);

/// Makes a pointwise step the epilogue of the convolution or linear before it, if nobody else reads
/// their result. Of several before it the last one gets it: a residual addition belongs to the
/// convolution that ends the block.
absl::StatusOr<Graph> FuseEpilogue(const Graph& graph);

struct Pass {
  std::string_view name;
  absl::StatusOr<Graph> (*run)(const Graph&);
};

/// Returns all passes in the order in which they run.
std::span<const Pass> Passes();

/// Runs all passes but those named. Errors: INVALID_ARGUMENT for a name that is no pass; a pass's
/// own, with its name.
absl::StatusOr<Graph> RunPasses(const Graph& graph, const std::set<std::string>& disabled = {});

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_PASSES_H_
