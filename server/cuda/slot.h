#ifndef ACTIUM_SERVER_CUDA_SLOT_H_
#define ACTIUM_SERVER_CUDA_SLOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cuda/model.h"
#include "server/cuda/resources.h"

namespace actium::cuda {

/// The memory of one batch in flight, and its runs as CUDA graphs: copy in, compute, copy out, by
/// one launch. Slots have CUDA streams of their own, so that one slot's copies go on beside
/// another's kernels. Used by one thread at a time.
class Slot {
 public:
  /// Errors: RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Slot>> Make(std::shared_ptr<const Model> model);
  ~Slot();

  /// Page-locked memory for the largest batch of an input or an output, row-major.
  std::byte* input(size_t i) const { return host_inputs_[i].get(); }
  std::byte* output(size_t i) const { return host_outputs_[i].get(); }

  /// Begins to run so many rows, whose inputs are filled; they are planned. Errors: INTERNAL,
  /// UNAVAILABLE; then nothing runs.
  absl::Status Start(int rows);

  /// Waits for the run that was started and returns what it took on the device, in nanoseconds; the
  /// outputs are then filled. Errors: INTERNAL, UNAVAILABLE.
  absl::StatusOr<int64_t> Wait();

 private:
  explicit Slot(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

  absl::Status Allocate();
  absl::Status EnqueueAll(int rows, const PlannedRun& run);

  std::shared_ptr<const Model> model_;
  std::vector<PinnedMemory> host_inputs_, host_outputs_;
  DeviceBuffers buffers_;
  Stream stream_;
  Event begin_, end_;
  std::map<int, GraphExec> graphs_;  // By rows.
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_SLOT_H_
