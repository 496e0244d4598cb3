#include "client/cli/hold_out.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>
#include <random>
#include <utility>

namespace actium::cli {

absl::StatusOr<std::vector<int64_t>> HeldOutImages(int64_t images) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (images <= kHeldOutImages || images > kMost) {
    return absl::InvalidArgumentError(
        fmt::format("there must be {} to {} training images, of which {} are held out, got {}",
                    kHeldOutImages + 1, kMost, kHeldOutImages, images));
  }
  // The begin of torch.randperm() with dataset.cc's seed: LibTorch's generator for the CPU is this
  // one, and it shuffles from the front. tests/client/cli/hold_out_test.cc compares them.
  std::mt19937 generator(20171);
  std::vector<int64_t> order(static_cast<size_t>(images));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = 0; i < static_cast<size_t>(kHeldOutImages); ++i) {
    std::swap(order[i], order[i + generator() % (order.size() - i)]);
  }
  order.resize(static_cast<size_t>(kHeldOutImages));
  return order;
}

}  // namespace actium::cli
