#ifndef ACTIUM_SERVER_TENSOR_ALIGNED_MEMORY_H_
#define ACTIUM_SERVER_TENSOR_ALIGNED_MEMORY_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "absl/status/status.h"

namespace actium::tensor {

/// Of memory that vector code reads, in bytes: a cache line, the widest vector.
inline constexpr size_t kAlignment = 64;

/// Returns the least multiple of kAlignment that is not less.
constexpr size_t RoundUp(size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Memory that begins at a multiple of kAlignment, or none. Used by one thread at a time.
class AlignedMemory {
 public:
  /// Makes it at least so large; what it held is lost if it grows. what: for the message.
  ///
  /// Errors: RESOURCE_EXHAUSTED; then it holds nothing.
  absl::Status Grow(size_t bytes, std::string_view what);

  std::byte* data() const { return memory_.get(); }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte[], Free> memory_;
  size_t capacity_ = 0;
};

}  // namespace actium::tensor

#endif  // ACTIUM_SERVER_TENSOR_ALIGNED_MEMORY_H_
