#include "server/batching/device_pools.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::batching {

DevicePools::DevicePools(std::vector<PoolOptions> options, const base::Clock& clock,
                         observe::Recorder& recorder) {
  ACTIUM_CHECK(!options.empty() && options.front().device == engine::Device{});
  for (PoolOptions& pool : options) {
    pools_.push_back(std::make_unique<DevicePool>(std::move(pool), clock, recorder));
  }
}

DevicePool* DevicePools::Find(const engine::Device& device) const {
  const auto found =
      std::ranges::find(pools_, device, [](const auto& pool) { return pool->device(); });
  return found == pools_.end() ? nullptr : found->get();
}

std::string DevicePools::WhyUnhealthy() const {
  for (const auto& pool : pools_) {
    if (pool->abandoned() && pool->models() == 0) continue;
    if (const std::string why = pool->WhyUnhealthy(); !why.empty()) {
      return fmt::format("{}: {}", engine::Name(pool->device()), why);
    }
  }
  return "";
}

}  // namespace actium::batching
