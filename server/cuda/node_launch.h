#ifndef ACTIUM_SERVER_CUDA_NODE_LAUNCH_H_
#define ACTIUM_SERVER_CUDA_NODE_LAUNCH_H_

#include <cuda_runtime.h>

#include <functional>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "server/cuda/compile_program.h"
#include "server/cuda/constant_pool.h"
#include "server/cuda/contraction.h"
#include "server/cuda/layout.h"
#include "server/graph/graph.h"

namespace actium::cuda {

/// What all launches of a node share, whatever their number of rows.
struct NodeShared {
  size_t weight = 0, bias = 0;             ///< Of a contraction: places in the pool.
  std::optional<CompiledProgram> program;  ///< Of a node that has one.
};

/// Puts what a node needs into the pool. Errors: UNIMPLEMENTED.
absl::StatusOr<NodeShared> ShareNode(const graph::Graph& graph, const graph::Node& node,
                                     const Arithmetics& arithmetics, ConstantPool& pool);

/// What a node is made ready for. All outlive the launch.
struct NodeSpec {
  const graph::Graph& graph;
  const graph::Node& node;
  const NodeShared& shared;
  const ConstantPool& pool;
  Arithmetics arithmetics;
  int rows = 1;
  const ContractionKernel* kernel = nullptr;  ///< Of a contraction: the one to use.
};

/// Where a node's numbers lie in device memory.
struct NodeMemory {
  std::span<const void* const> inputs;  ///< By Node::inputs; of constants null.
  void* output = nullptr;
  std::byte* scratch = nullptr;
};

/// A node made ready for a number of rows. Immutable and thread-safe.
struct NodeLaunch {
  size_t scratch_bytes = 0;
  /// Puts the node's kernels into a stream.
  std::function<cudaError_t(const NodeMemory& memory, cudaStream_t stream)> enqueue;
};

/// Errors: UNIMPLEMENTED if a tensor of so many rows has 2^31 numbers or more.
absl::StatusOr<NodeLaunch> MakeLaunch(const NodeSpec& spec);

/// Returns what a node computes as a contraction; nothing if it is none.
std::optional<ContractionShape> ContractionOf(const graph::Graph& graph, const graph::Node& node,
                                              int rows);

/// Returns how a row is stored (graph/plan.h).
Layout LayoutOf(const tensor::Shape& row);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_NODE_LAUNCH_H_
