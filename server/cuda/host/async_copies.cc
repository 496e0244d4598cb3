#include <cstring>

#include "server/cuda/host/block.h"
#include "server/cuda/host/device.h"
#include "server/cuda/host/races.h"

namespace actium::cuda::host {
namespace {

constexpr size_t kCopyBytes = 16;

void Do(const AsyncCopies::Copy& copy) {
  if (copy.valid) {
    std::memcpy(copy.shared, copy.global, kCopyBytes);
  } else {
    std::memset(copy.shared, 0, kCopyBytes);
  }
}

}  // namespace

void CopyAsync16(void* shared, const void* global, bool valid, Place place) {
  if (reinterpret_cast<uintptr_t>(shared) % kCopyBytes != 0 ||
      reinterpret_cast<uintptr_t>(global) % kCopyBytes != 0) {
    DieInLane("both addresses of cp.async must be multiples of 16", place);
  }
  std::memset(shared, kGarbage, kCopyBytes);
  if (valid) {
    // So that ASan finds a bad address here rather than at the wait.
    [[maybe_unused]] volatile unsigned char touched =
        static_cast<const volatile unsigned char*>(global)[0];
    touched = static_cast<const volatile unsigned char*>(global)[kCopyBytes - 1];
  }
  const Unseen unseen;
  CopiesOfLane().copies.push_back({.shared = shared, .global = global, .valid = valid});
}

void CommitCopies() {
  const Unseen unseen;
  AsyncCopies& copies = CopiesOfLane();
  copies.group_ends.push_back(copies.copies.size());
}

void WaitCopies(int still_pending_groups) {
  auto& [copies, group_ends] = CopiesOfLane();
  const auto groups = static_cast<std::ptrdiff_t>(group_ends.size()) - still_pending_groups;
  if (groups <= 0) return;
  const size_t done = group_ends[static_cast<size_t>(groups) - 1];
  for (size_t i = 0; i < done; ++i) Do(copies[i]);
  const Unseen unseen;
  copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(done));
  group_ends.erase(group_ends.begin(), group_ends.begin() + groups);
  for (size_t& end : group_ends) end -= done;
}

}  // namespace actium::cuda::host
