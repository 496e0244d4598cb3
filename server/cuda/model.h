#ifndef ACTIUM_SERVER_CUDA_MODEL_H_
#define ACTIUM_SERVER_CUDA_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cuda/planned_run.h"

namespace actium::cuda {

/// What a model is made from.
struct ModelSpec {
  int device = 0;
  Arithmetics arithmetics;
  std::vector<int> batch_sizes;  ///< Ascending, >= 1, not empty.
  bool tune = false;             ///< Measure which kernels are fastest.
  std::string tuning_cache;      ///< Folder; empty: what was measured is not kept.
};

/// A graph on one device, ready to run for some numbers of rows. Immutable, thread-safe.
class Model {
 public:
  /// Errors: FAILED_PRECONDITION (no such device), UNIMPLEMENTED (what the engine does not run),
  /// RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
  static absl::StatusOr<std::shared_ptr<const Model>> Make(graph::Graph graph,
                                                           const ModelSpec& spec);

  ~Model();

  int device() const { return device_; }
  const graph::Graph& graph() const { return shared_->graph; }
  size_t constant_bytes() const { return shared_->pool.bytes(); }

  /// Planned runs by their number of rows.
  const std::map<int, PlannedRun>& runs() const { return runs_; }
  int most_rows() const { return runs_.rbegin()->first; }

  /// Runs the plan for so many rows on zeros, one step after the other, each several times, and
  /// returns what each takes on the device, in nanoseconds. Errors: INVALID_ARGUMENT (not planned),
  /// RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
  absl::StatusOr<std::vector<int64_t>> TimeSteps(int rows) const;

 private:
  Model(int device, std::shared_ptr<const SharedGraph> shared)
      : device_(device), shared_(std::move(shared)) {}

  int device_;
  std::shared_ptr<const SharedGraph> shared_;
  std::map<int, PlannedRun> runs_;
};

/// Device memory of a run of `rows` rows.
struct DeviceBuffers {
  /// For the largest arena of all planned runs. Errors: RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
  static absl::StatusOr<DeviceBuffers> Make(const Model& model, int rows);

  RunMemory memory() const { return {inputs, outputs, arena.get()}; }

  std::vector<DeviceMemory> inputs, outputs;
  DeviceMemory arena;
};

/// Bytes of so many rows of a graph's input or output, row-major.
size_t BytesOutside(const graph::Graph& graph, graph::ValueId id, int rows);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_MODEL_H_
