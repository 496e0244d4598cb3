#include "server/tensor/aligned_memory.h"

#include "fmt/format.h"

namespace actium::tensor {

absl::Status AlignedMemory::Grow(size_t bytes, std::string_view what) {
  if (memory_ != nullptr && bytes <= capacity_) return absl::OkStatus();
  const size_t capacity = (bytes / kAlignment + 1) * kAlignment;
  memory_.reset();  // First: never both at once.
  capacity_ = 0;
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, capacity)));
  if (memory_ == nullptr) {
    return absl::ResourceExhaustedError(
        fmt::format("out of memory for {} bytes of {}", capacity, what));
  }
  capacity_ = capacity;
  return absl::OkStatus();
}

}  // namespace actium::tensor
