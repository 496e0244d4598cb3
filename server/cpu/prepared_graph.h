#ifndef ACTIUM_SERVER_CPU_PREPARED_GRAPH_H_
#define ACTIUM_SERVER_CPU_PREPARED_GRAPH_H_

// Internal to server/cpu.

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cpu/node_run.h"
#include "server/cpu/slot.h"
#include "server/graph/graph.h"
#include "server/graph/plan.h"

namespace actium::cpu {

/// A graph with what all its runs share: packed weights, programs. Thread-safe.
struct SharedGraph {
  explicit SharedGraph(graph::Graph from);

  const graph::Graph graph;
  std::vector<NodeShared> nodes;  ///< By Graph::nodes().
};

/// A graph made ready for one number of rows, with the state of one stream of work; used by one
/// thread at a time.
class PreparedGraph {
 public:
  /// rows, threads: >= 1. Errors: RESOURCE_EXHAUSTED, INTERNAL.
  static absl::StatusOr<PreparedGraph> Make(std::shared_ptr<const SharedGraph> shared, int rows,
                                            int threads);

  const graph::Plan& plan() const { return plan_; }

  /// Which way a step of the plan was chosen to run; see NodeRun.
  std::string algorithm(size_t step) const;

  /// Runs on a slot that is prepared for so many rows and filled; writes its outputs.
  ///
  /// arena: plan().arena_bytes, aligned to tensor::kAlignment; its contents are lost.
  /// times: empty, or one for each step, which are set. Errors: INTERNAL. Allocates nothing.
  absl::Status Run(const Slot& slot, std::byte* arena,
                   std::span<std::chrono::nanoseconds> times = {});

 private:
  struct Step {
    std::unique_ptr<NodeRun> run;            // Null for loads and stores.
    std::vector<const std::byte*> pointers;  // To a node's inputs; here so that runs allocate none.
  };

  PreparedGraph(std::shared_ptr<const SharedGraph> shared, int rows)
      : shared_(std::move(shared)), rows_(rows) {}

  absl::Status RunStep(size_t step, const Slot& slot, std::byte* arena);
  absl::Status RunNode(size_t step, const Slot& slot, std::byte* arena);
  void Store(size_t output, const Slot& slot, std::byte* arena) const;

  // Where a value lies; null for constants.
  std::byte* Find(graph::ValueId id, const Slot& slot, std::byte* arena) const;

  std::shared_ptr<const SharedGraph> shared_;
  int rows_;
  graph::Plan plan_;
  std::vector<Step> steps_;          // By Plan::steps.
  std::vector<size_t> input_index_;  // By value: which of the graph's inputs it is.
};

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_PREPARED_GRAPH_H_
