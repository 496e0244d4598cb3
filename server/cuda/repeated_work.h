#ifndef ACTIUM_SERVER_CUDA_REPEATED_WORK_H_
#define ACTIUM_SERVER_CUDA_REPEATED_WORK_H_

#include <functional>

#include "absl/status/statusor.h"
#include "server/cuda/resources.h"

namespace actium::cuda {

/// Measures how long some work of a few kernels takes on the device. A GPU that waits for its next
/// kernel is timed together with the host, which takes longer to launch one than a small one runs;
/// so the work is repeated in one CUDA graph. Used by one thread, on the device of the stream.
class RepeatedWork {
 public:
  /// enqueue: puts the work into the stream; what it reads, writes and finds in caches must not
  /// change how long it takes. Runs it twice, to know how often it is to be repeated. The stream
  /// must outlive the result. Errors: those of enqueue; INTERNAL, UNAVAILABLE.
  static absl::StatusOr<RepeatedWork> Make(cudaStream_t stream,
                                           const std::function<absl::Status()>& enqueue);

  /// Runs the repetitions and returns the milliseconds of one. Errors: INTERNAL, UNAVAILABLE.
  absl::StatusOr<float> Milliseconds();

 private:
  explicit RepeatedWork(cudaStream_t stream) : stream_(stream) {}

  absl::StatusOr<float> Time(const std::function<absl::Status()>& enqueue);

  cudaStream_t stream_;
  Event begin_, end_;
  GraphExec graph_;
  int times_ = 1;
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_REPEATED_WORK_H_
