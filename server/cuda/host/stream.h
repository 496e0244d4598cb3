#ifndef ACTIUM_SERVER_CUDA_HOST_STREAM_H_
#define ACTIUM_SERVER_CUDA_HOST_STREAM_H_

// Internal to server/cuda/host.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "server/base/mutex.h"
#include "server/cuda/host/runtime_api.h"

namespace actium::cuda::host {

/// A queue of operations and the thread that does them in order. Thread-safe.
///
/// An operation that returns an error does not keep later ones from being done; once the context is
/// broken, none is done any more.
class Stream {
 public:
  using Operation = std::function<cudaError_t()>;

  /// blocking: as made without cudaStreamNonBlocking.
  explicit Stream(bool blocking);
  ~Stream();  // Closes it.
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Ends the thread when all is done. Not to be called by an operation; fences stay good.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  bool blocking() const { return blocking_; }

  /// Returns the operation's ticket; tickets count up from 1.
  int64_t Enqueue(Operation operation) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Of the latest operation; 0 if there was none.
  int64_t LastTicket() const ABSL_LOCKS_EXCLUDED(mutex_);

  bool IsDone(int64_t ticket) const ABSL_LOCKS_EXCLUDED(mutex_);
  void WaitFor(int64_t ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Returns the first error of an operation since the last call, and forgets it.
  cudaError_t TakeError() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void WorkOff() ABSL_LOCKS_EXCLUDED(mutex_);

  const bool blocking_;
  mutable base::Mutex mutex_;
  mutable base::CondVar changed_;
  std::deque<Operation> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t enqueued_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  cudaError_t error_ ABSL_GUARDED_BY(mutex_) = cudaSuccess;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

/// A moment in a stream's work. Without a stream: always done. Keeps the stream, but not its
/// thread.
struct Fence {
  std::shared_ptr<Stream> stream;
  int64_t ticket = 0;

  bool IsDone() const { return stream == nullptr || stream->IsDone(ticket); }
  void Wait() const {
    if (stream != nullptr) stream->WaitFor(ticket);
  }
};

/// All that the stream has been given until now.
inline Fence FenceOf(const std::shared_ptr<Stream>& stream) {
  return {.stream = stream, .ticket = stream->LastTicket()};
}

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_STREAM_H_
