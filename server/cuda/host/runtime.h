#ifndef ACTIUM_SERVER_CUDA_HOST_RUNTIME_H_
#define ACTIUM_SERVER_CUDA_HOST_RUNTIME_H_

// Internal to server/cuda/host: all objects of the process.

#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/cuda/host/memory.h"
#include "server/cuda/host/runtime_api.h"
#include "server/cuda/host/stream.h"

namespace actium::cuda::host {

/// Objects by handles that are never used twice, so that the handle of a destroyed object is known
/// for one. Handle: a pointer that points at nothing. Thread-safe.
template <class Handle, class Object>
class HandleTable {
 public:
  Handle Add(std::shared_ptr<Object> object) ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    const auto handle = reinterpret_cast<Handle>(next_ += 16);  // NOLINT(performance-no-int-to-ptr)
    objects_[handle] = std::move(object);
    return handle;
  }

  /// Null if there is none.
  std::shared_ptr<Object> Find(Handle handle) const ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    const auto found = objects_.find(handle);
    return found != objects_.end() ? found->second : nullptr;
  }

  std::shared_ptr<Object> Remove(Handle handle) ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    const auto node = objects_.extract(handle);
    return node.empty() ? nullptr : node.mapped();
  }

  std::vector<std::shared_ptr<Object>> All() const ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    std::vector<std::shared_ptr<Object>> all;
    all.reserve(objects_.size());
    for (const auto& [handle, object] : objects_) all.push_back(object);
    return all;
  }

  int64_t Count() const ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    return std::ssize(objects_);
  }

  void Clear() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    objects_.clear();
  }

 private:
  mutable base::Mutex mutex_;
  uintptr_t next_ ABSL_GUARDED_BY(mutex_) = 0x1000;
  std::map<Handle, std::shared_ptr<Object>> objects_ ABSL_GUARDED_BY(mutex_);
};

/// Operations in the order of their calls.
struct Graph {
  std::vector<Stream::Operation> nodes;
};

/// A capture that a stream is in. Guarded by the runtime's mutex.
struct Capture {
  cudaStreamCaptureMode mode;
  std::thread::id thread;  ///< That began it.
  bool valid = true;
  Graph graph;
};

/// Guarded by `mutex`.
struct Event {
  bool timing = true;
  base::Mutex mutex;
  Fence fence ABSL_GUARDED_BY(mutex);  ///< Of the latest record.
  bool recorded ABSL_GUARDED_BY(mutex) = false;
  base::TimePoint reached ABSL_GUARDED_BY(mutex);  ///< When the fence was done.
  std::weak_ptr<Capture> capture ABSL_GUARDED_BY(mutex);
  bool captured ABSL_GUARDED_BY(mutex) = false;  ///< The latest record was in `capture`.
};

/// Everything that handles stand for, and the rules of streams among each other. Thread-safe.
class Runtime {
 public:
  /// Lives as long as the process.
  static Runtime& Get();

  Memory memory;
  HandleTable<cudaStream_t, Stream> streams;
  HandleTable<cudaEvent_t, Event> events;
  HandleTable<cudaGraph_t, Graph> graphs;
  HandleTable<cudaGraphExec_t, const Graph> execs;

  /// Of a handle, the default stream's too; null if there is none.
  std::shared_ptr<Stream> FindStream(cudaStream_t handle) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Gives operations to a stream, or to its capture. `done`: if not null, is what to wait for;
  /// none during capture. Errors: of capture.
  cudaError_t Submit(const std::shared_ptr<Stream>& stream,
                     std::vector<Stream::Operation> operations, Fence* done = nullptr)
      ABSL_LOCKS_EXCLUDED(mutex_);

  /// Whether calls that could wait for a capture's work are forbidden now; such a call makes these
  /// captures invalid.
  /// Errors: cudaErrorStreamCaptureUnsupported.
  cudaError_t CheckUnsafeCall() ABSL_LOCKS_EXCLUDED(mutex_);

  cudaError_t BeginCapture(const std::shared_ptr<Stream>& stream, cudaStreamCaptureMode mode)
      ABSL_LOCKS_EXCLUDED(mutex_);
  cudaError_t EndCapture(const std::shared_ptr<Stream>& stream, cudaGraph_t* graph)
      ABSL_LOCKS_EXCLUDED(mutex_);
  /// Of a stream that is destroyed.
  void AbandonCapture(const std::shared_ptr<Stream>& stream) ABSL_LOCKS_EXCLUDED(mutex_);
  /// Null if the stream is in none.
  std::shared_ptr<Capture> CaptureOf(const std::shared_ptr<Stream>& stream)
      ABSL_LOCKS_EXCLUDED(mutex_);
  cudaStreamCaptureStatus StatusOf(const std::shared_ptr<Stream>& stream)
      ABSL_LOCKS_EXCLUDED(mutex_);
  /// Makes a capture invalid; returns the error.
  cudaError_t Invalidate(Capture& capture, cudaError_t error) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Waits for all streams.
  void WaitForAll() ABSL_LOCKS_EXCLUDED(mutex_);
  /// The first error of a stream's operations that nobody was told of, which is forgotten.
  cudaError_t TakeError() ABSL_LOCKS_EXCLUDED(mutex_);

  /// As at the process's start.
  void Reset() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool IsLegacy(const std::shared_ptr<Stream>& stream) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stream == legacy_;
  }
  std::vector<std::shared_ptr<Stream>> AllStreams() ABSL_LOCKS_EXCLUDED(mutex_);
  void OrderAmongStreams(const std::shared_ptr<Stream>& stream)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool InvalidatesBlockingCaptures() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;
  std::shared_ptr<Stream> legacy_ ABSL_GUARDED_BY(mutex_);  // Made when asked for.
  std::map<std::shared_ptr<Stream>, std::shared_ptr<Capture>> captures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_RUNTIME_H_
