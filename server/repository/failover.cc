#include "server/repository/failover.h"

#include <set>
#include <utility>

#include "server/base/clock.h"
#include "server/base/log.h"

namespace actium::repository {

Failover::Failover(ModelRepository& repository, const batching::DevicePools& pools,
                   std::chrono::nanoseconds interval, std::function<void()> on_look)
    : repository_(repository),
      pools_(pools),
      interval_(interval),
      on_look_(std::move(on_look)),
      thread_([this] { Run(); }) {}

Failover::~Failover() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  stop_.NotifyAll();
  thread_.join();
}

void Failover::Run() {
  std::set<const batching::DevicePool*> left;
  while (!StopsWithinInterval()) {
    bool more = false;
    for (const auto& pool : pools_.all()) {
      if (!pool->abandoned() || !left.insert(pool.get()).second) continue;
      more = true;
      base::log::Warning("device_abandoned",
                         {{"device", engine::Name(pool->device())}, {"models", pool->models()}});
    }
    on_look_();
    if (more) repository_.LeaveAbandonedDevices();
  }
}

bool Failover::StopsWithinInterval() {
  base::MutexLock lock(mutex_);
  const base::TimePoint end = base::SteadyClock().Now() + interval_;
  while (!stopping_ && base::SteadyClock().Now() < end) stop_.WaitUntil(mutex_, end);
  return stopping_;
}

}  // namespace actium::repository
