#ifndef ACTIUM_SERVER_CUDA_WORK_STREAM_H_
#define ACTIUM_SERVER_CUDA_WORK_STREAM_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/cuda/slot.h"

namespace actium::cuda {

/// A stream of batches: starts them, waits for them on a thread of its own, and reports them in the
/// order in which they were started. Start() is called by one thread at a time.
class WorkStream {
 public:
  /// Gets the nanoseconds on the device, or why the run failed.
  using Done = std::function<void(absl::StatusOr<int64_t>)>;

  WorkStream();

  /// Reports what runs. All slots that it was given must still be there.
  ~WorkStream();

  WorkStream(const WorkStream&) = delete;
  WorkStream& operator=(const WorkStream&) = delete;

  /// slot: filled, not running. done: called once, on the stream's thread.
  void Start(Slot& slot, int rows, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Running {
    Slot* slot;
    absl::Status started;
    Done done;
  };

  void Work() ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<Running> running_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_WORK_STREAM_H_
