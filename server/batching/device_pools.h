#ifndef ACTIUM_SERVER_BATCHING_DEVICE_POOLS_H_
#define ACTIUM_SERVER_BATCHING_DEVICE_POOLS_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/batching/device_pool.h"
#include "server/engine/target.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// The pools of a server, one for each device that its models may run on. They share nothing:
/// models on one device neither wait for nor slow down those on another, but for the processor time
/// that gathering and answering takes. Thread-safe, as the pools are.
class DevicePools {
 public:
  /// Starts the workers. options: of different devices, the CPU first. clock and recorder outlive
  /// the pools.
  DevicePools(std::vector<PoolOptions> options, const base::Clock& clock,
              observe::Recorder& recorder);

  DevicePool& cpu() const { return *pools_.front(); }

  /// Null if there is no pool for the device.
  DevicePool* Find(const engine::Device& device) const;

  /// In the order of the options.
  std::span<const std::unique_ptr<DevicePool>> all() const { return pools_; }

  /// Returns which pool cannot do its work, and why; empty: all are healthy. A device that was
  /// abandoned is not missed once no model is on it.
  std::string WhyUnhealthy() const;

 private:
  std::vector<std::unique_ptr<DevicePool>> pools_;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_DEVICE_POOLS_H_
