#ifndef ACTIUM_SERVER_CPU_NODE_RUN_H_
#define ACTIUM_SERVER_CPU_NODE_RUN_H_

// Internal to server/cpu.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cpu/convolution.h"
#include "server/cpu/pointwise.h"
#include "server/graph/graph.h"

namespace actium::cpu {

/// Where a node's numbers lie in one run.
struct NodeMemory {
  std::span<const std::byte* const> inputs;  ///< By Node::inputs; of constants null.
  std::byte* output = nullptr;
  std::byte* scratch = nullptr;

  const float* floats(size_t input) const { return reinterpret_cast<const float*>(inputs[input]); }
  float* out() const { return reinterpret_cast<float*>(output); }
};

/// A node made ready for a number of rows, with the state of one stream of work; used by one thread
/// at a time.
class NodeRun {
 public:
  virtual ~NodeRun() = default;

  virtual size_t scratch_bytes() const { return 0; }

  /// Which of several ways was chosen; empty: there is one.
  virtual std::string algorithm() const { return ""; }

  /// Errors: INTERNAL.
  virtual absl::Status Run(const NodeMemory& memory) = 0;
};

/// What all runs of a node share, whatever their number of rows: packed weights and programs.
/// Null where the node has none.
struct NodeShared {
  std::shared_ptr<ConvolutionLayer> layer;
  std::shared_ptr<const PointwiseProgram> program;
};

/// Makes what runs of a node share.
NodeShared ShareNode(const graph::Graph& graph, const graph::Node& node);

/// What a node is made ready for.
struct NodeSpec {
  const graph::Graph& graph;  ///< Outlives the run.
  const graph::Node& node;
  NodeShared shared;
  int64_t rows = 1;
  int threads = 1;
};

/// Makes a node ready. Errors: RESOURCE_EXHAUSTED, INTERNAL.
absl::StatusOr<std::unique_ptr<NodeRun>> NewNodeRun(const NodeSpec& spec);

/// As NewNodeRun(), for a Convolution or Linear (contraction.cc).
absl::StatusOr<std::unique_ptr<NodeRun>> NewContraction(const NodeSpec& spec);

/// Returns the sums of products of a Convolution or Linear (contraction.cc).
ConvolutionSpec ContractionSpec(const graph::Graph& graph, const graph::Node& node);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_NODE_RUN_H_
