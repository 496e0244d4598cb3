#include "server/cuda/host/memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "server/cuda/host/block.h"

namespace actium::cuda::host {

cudaError_t Memory::Allocate(MemoryKind kind, size_t bytes, void** memory) {
  base::MutexLock lock(mutex_);
  *memory = nullptr;
  if (bytes == 0) return cudaSuccess;
  const bool on_device = kind == MemoryKind::kDevice;
  if (on_device && bytes > limit_ - std::min(limit_, on_device_)) return cudaErrorMemoryAllocation;
  void* allocated = nullptr;
  if (posix_memalign(&allocated, 256, bytes) != 0) return cudaErrorMemoryAllocation;
  std::memset(allocated, kGarbage, bytes);
  allocations_[reinterpret_cast<uintptr_t>(allocated)] = {.kind = kind, .bytes = bytes};
  if (on_device) on_device_ += bytes;
  *memory = allocated;
  return cudaSuccess;
}

cudaError_t Memory::Free(MemoryKind kind, void* memory) {
  if (memory == nullptr) return cudaSuccess;
  base::MutexLock lock(mutex_);
  const auto found = allocations_.find(reinterpret_cast<uintptr_t>(memory));
  if (found == allocations_.end() || found->second.kind != kind) return cudaErrorInvalidValue;
  if (kind == MemoryKind::kDevice) on_device_ -= found->second.bytes;
  allocations_.erase(found);
  std::free(memory);
  return cudaSuccess;
}

MemoryKind Memory::Find(const void* memory, size_t bytes) const {
  base::MutexLock lock(mutex_);
  const auto address = reinterpret_cast<uintptr_t>(memory);
  auto found = allocations_.upper_bound(address);
  if (found == allocations_.begin()) return MemoryKind::kPageable;
  --found;
  const auto& [begin, allocation] = *found;
  if (address - begin >= allocation.bytes) return MemoryKind::kPageable;
  return bytes <= allocation.bytes - (address - begin) ? allocation.kind : MemoryKind::kOverrun;
}

int64_t Memory::Count(MemoryKind kind) const {
  base::MutexLock lock(mutex_);
  return std::count_if(allocations_.begin(), allocations_.end(),
                       [&](const auto& allocation) { return allocation.second.kind == kind; });
}

void Memory::SetLimit(size_t bytes) {
  base::MutexLock lock(mutex_);
  limit_ = bytes;
}

void Memory::GetInfo(size_t* free_bytes, size_t* total_bytes) const {
  base::MutexLock lock(mutex_);
  *free_bytes = limit_ - std::min(limit_, on_device_);
  *total_bytes = limit_;
}

void Memory::Reset() {
  base::MutexLock lock(mutex_);
  for (const auto& [address, allocation] : allocations_) {
    std::free(reinterpret_cast<void*>(address));  // NOLINT(performance-no-int-to-ptr)
  }
  allocations_.clear();
  limit_ = kDefaultLimit;
  on_device_ = 0;
}

}  // namespace actium::cuda::host
