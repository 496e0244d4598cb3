#ifndef ACTIUM_SERVER_CUDA_CONSTANT_POOL_H_
#define ACTIUM_SERVER_CUDA_CONSTANT_POOL_H_

#include <cstddef>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "server/cuda/resources.h"
#include "server/cuda/storage.h"

namespace actium::cuda {

/// A model's constants: collected on the host, then copied to the device once, in one piece. After
/// Upload() it is immutable and thread-safe.
class ConstantPool {
 public:
  /// Adds numbers, rounded to the storage's type. Returns their place.
  size_t Add(std::span<const float> numbers, Storage storage);

  /// Copies all to the calling thread's device. Call it once. Errors: RESOURCE_EXHAUSTED, INTERNAL,
  /// UNAVAILABLE.
  absl::Status Upload();

  /// Where the numbers of a place are on the device, on 16 bytes.
  const void* at(size_t place) const { return device_.get() + place; }

  size_t bytes() const { return bytes_; }

 private:
  std::vector<std::byte> host_;  // Empty once they are on the device.
  size_t bytes_ = 0;
  DeviceMemory device_;
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_CONSTANT_POOL_H_
