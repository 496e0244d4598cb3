#ifndef ACTIUM_SERVER_GRAPH_PLAN_H_
#define ACTIUM_SERVER_GRAPH_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"

/// How a graph runs for one batch size: which steps, and where in memory each value lies. The same
/// for every device that keeps images with their channels last.
///
/// Outside, in slots, tensors are row-major. Inside, a value whose row is an image [C, H, W] is
/// stored [rows, H, W, C], any other one row-major.
namespace actium::graph {

/// Whether a row is stored as it is outside: it is no image, or has one channel or one pixel.
bool IsStoredRowMajor(const tensor::Shape& row);

/// Returns a row's dimensions in the order in which they are stored.
tensor::Shape StoredShape(const tensor::Shape& row);

/// Returns the place in StoredShape() of a row's dimension.
int StoredAxis(const tensor::Shape& row, int axis);

/// A stored row as [outer, count, inner] around one of its dimensions.
struct Around {
  int64_t outer, count, inner;
};
Around SplitAt(const tensor::Shape& row, int axis);

/// Where a value lies during a run.
struct Place {
  enum class Kind {
    kNone,   ///< It is a constant, or no output needs it.
    kInput,  ///< In the slot, as it came.
    kArena,  ///< In the arena, from `offset` on, a multiple of tensor::kAlignment.
  };
  Kind kind = Kind::kNone;
  size_t offset = 0;
  size_t bytes = 0;  ///< Of the whole batch.
};

struct PlanStep {
  enum class Kind {
    kLoad,   ///< Stores input `index` of the graph as values are stored inside.
    kRun,    ///< Runs node `index`.
    kStore,  ///< Copies output `index` of the graph to the slot, row-major.
  };
  Kind kind = Kind::kRun;
  int index = 0;
  size_t scratch = 0;  ///< Of a node: where its scratch memory lies in the arena.
};

struct PlanOptions {
  int rows = 1;  ///< Of the batch, >= 1.
  /// Bytes that each node needs while it runs, by its place in Graph::nodes(); empty: none.
  std::span<const size_t> scratch_bytes = {};
  /// Bytes of one number inside, 4 or 2. If they are 2, inputs of floats are loaded like images.
  size_t number_bytes = sizeof(float);
};

struct Plan {
  int rows = 1;
  std::vector<PlanStep> steps;  ///< In the order in which they run; nodes that nobody needs lack.
  std::vector<Place> places;    ///< By ValueId. Values that are not needed at once share memory.
  size_t arena_bytes = 0;
};

/// Plans a graph that has outputs.
///
/// A pointwise step writes its result over an input that nobody reads later, and a reshape that
/// moves no number has its input's place; every other step writes where nothing lives.
/// Errors: RESOURCE_EXHAUSTED if the arena would have more than 2^40 bytes.
absl::StatusOr<Plan> MakePlan(const Graph& graph, const PlanOptions& options);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_PLAN_H_
