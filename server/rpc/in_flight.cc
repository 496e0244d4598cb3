#include "server/rpc/in_flight.h"

#include <fmt/format.h>

#include <algorithm>

namespace actium::rpc {

absl::Status InFlight::Enter(int64_t bytes) {
  last_came_.store(base::SteadyClock().Now(), std::memory_order_relaxed);
  const int64_t requests = requests_.fetch_add(1) + 1;
  const int64_t total = bytes_.fetch_add(bytes) + bytes;
  absl::Status refused;
  if (closed_.load()) {
    refused = absl::UnavailableError("the server is stopping");
  } else if (requests > limits_.requests) {
    refused = absl::UnavailableError(
        fmt::format("server full: {} requests are in flight, --max-requests-in-flight is {}",
                    requests - 1, limits_.requests));
  } else if (total > limits_.bytes && requests > 1) {
    refused = absl::UnavailableError(
        fmt::format("server full: {} bytes of requests are in flight, --max-bytes-in-flight is {}",
                    total - bytes, limits_.bytes));
  }
  if (!refused.ok()) Leave(bytes);
  return refused;
}

void InFlight::Leave(int64_t bytes) {
  bytes_.fetch_sub(bytes);
  if (requests_.fetch_sub(1) != 1 || !closed_.load()) return;
  base::MutexLock lock(mutex_);
  idle_.NotifyAll();
}

int64_t InFlight::WaitUntilIdle(base::TimePoint give_up_at) {
  base::MutexLock lock(mutex_);
  while (requests_.load() > 0 && base::SteadyClock().Now() < give_up_at) {
    idle_.WaitUntil(mutex_, give_up_at);
  }
  return requests_.load();
}

void InFlight::WaitUntilQuiet(std::chrono::nanoseconds quiet, base::TimePoint give_up_at) {
  base::MutexLock lock(mutex_);
  for (;;) {
    const base::TimePoint until = std::min(last_came_.load() + quiet, give_up_at);
    if (base::SteadyClock().Now() >= until) return;
    idle_.WaitUntil(mutex_, until);
  }
}

}  // namespace actium::rpc
