#ifndef ACTIUM_SERVER_CUDA_PLANNED_RUN_H_
#define ACTIUM_SERVER_CUDA_PLANNED_RUN_H_

#include <cuda_runtime.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cuda/constant_pool.h"
#include "server/cuda/node_launch.h"
#include "server/graph/graph.h"
#include "server/graph/plan.h"

namespace actium::cuda {

/// A graph with its constants on the device. Immutable, thread-safe.
struct SharedGraph {
  /// Copies the constants to the calling thread's device. Errors: UNIMPLEMENTED,
  /// RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
  static absl::StatusOr<std::shared_ptr<const SharedGraph>> Make(graph::Graph graph,
                                                                 Arithmetics arithmetics);

  graph::Graph graph;
  Arithmetics arithmetics;
  ConstantPool pool;
  std::vector<NodeShared> nodes;  ///< By Graph::nodes().
};

/// Where a run finds and leaves its numbers, in device memory: inputs and outputs row-major.
struct RunMemory {
  std::span<const DeviceMemory> inputs, outputs;  ///< In the graph's order.
  std::byte* arena = nullptr;                     ///< plan().arena_bytes, on 256 bytes.
};

/// Chooses a kernel for a contraction.
using ChooseKernel = std::function<absl::StatusOr<const ContractionKernel*>(
    const ContractionShape& shape, const Arithmetics& arithmetics)>;

/// A graph made ready for one number of rows. Immutable, thread-safe.
class PlannedRun {
 public:
  /// rows: >= 1. Errors: those of choose; UNIMPLEMENTED, RESOURCE_EXHAUSTED.
  static absl::StatusOr<PlannedRun> Make(std::shared_ptr<const SharedGraph> shared, int rows,
                                         const ChooseKernel& choose);

  const graph::Plan& plan() const { return plan_; }

  /// Which kernel runs a step of the plan; empty: there is one.
  std::string_view algorithm(size_t step) const;

  /// Puts one step of the plan, or all, into a stream. Errors: those of a launch.
  absl::Status EnqueueStep(size_t step, const RunMemory& memory, cudaStream_t stream) const;
  absl::Status Enqueue(const RunMemory& memory, cudaStream_t stream) const;

 private:
  PlannedRun(std::shared_ptr<const SharedGraph> shared, int rows)
      : shared_(std::move(shared)), rows_(rows) {}

  std::byte* Find(graph::ValueId id, const RunMemory& memory) const;
  cudaError_t Load(size_t input, const RunMemory& memory, cudaStream_t stream) const;
  cudaError_t Run(size_t step, const RunMemory& memory, cudaStream_t stream) const;
  cudaError_t Store(size_t output, const RunMemory& memory, cudaStream_t stream) const;

  std::shared_ptr<const SharedGraph> shared_;
  int rows_;
  graph::Plan plan_;
  std::vector<NodeLaunch> launches_;               // By Graph::nodes().
  std::vector<const ContractionKernel*> kernels_;  // By Graph::nodes(); null: no contraction.
  std::vector<size_t> input_index_;                // By value: which of the graph's inputs it is.
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_PLANNED_RUN_H_
