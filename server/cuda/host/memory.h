#ifndef ACTIUM_SERVER_CUDA_HOST_MEMORY_H_
#define ACTIUM_SERVER_CUDA_HOST_MEMORY_H_

// Internal to server/cuda/host.

#include <cstddef>
#include <cstdint>
#include <map>

#include "server/base/mutex.h"
#include "server/cuda/host/runtime_api.h"

namespace actium::cuda::host {

/// Where a range of addresses lies.
enum class MemoryKind {
  kPageable,  ///< In nothing that Memory gave.
  kPinned,    ///< Inside an allocation of the host's.
  kDevice,    ///< Inside one of the device's.
  kOverrun,   ///< Begins in one, and ends behind it.
};

/// What cudaMalloc and cudaHostAlloc gave. Thread-safe.
class Memory {
 public:
  static constexpr size_t kDefaultLimit = size_t{4} << 30;

  /// kind: kPinned or kDevice. Zero bytes are a null pointer.
  /// Errors: cudaErrorMemoryAllocation.
  cudaError_t Allocate(MemoryKind kind, size_t bytes, void** memory) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Errors: cudaErrorInvalidValue if Allocate(kind) did not give it, or it is free already.
  cudaError_t Free(MemoryKind kind, void* memory) ABSL_LOCKS_EXCLUDED(mutex_);

  MemoryKind Find(const void* memory, size_t bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  int64_t Count(MemoryKind kind) const ABSL_LOCKS_EXCLUDED(mutex_);

  /// Of device memory.
  void SetLimit(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void GetInfo(size_t* free_bytes, size_t* total_bytes) const ABSL_LOCKS_EXCLUDED(mutex_);

  /// Frees all, and sets the limit back.
  void Reset() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Allocation {
    MemoryKind kind;
    size_t bytes;
  };

  mutable base::Mutex mutex_;
  std::map<uintptr_t, Allocation> allocations_ ABSL_GUARDED_BY(mutex_);  // By address.
  size_t limit_ ABSL_GUARDED_BY(mutex_) = kDefaultLimit;
  size_t on_device_ ABSL_GUARDED_BY(mutex_) = 0;  // Bytes.
};

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_MEMORY_H_
