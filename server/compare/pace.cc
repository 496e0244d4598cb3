#include "server/compare/pace.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace actium::compare {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kLately{1};
constexpr int kRestPerWork = 9;

// A cancellation is noticed within this.
constexpr milliseconds kLongestSleep{50};

}  // namespace

base::Duration Pace::RestAfter(base::Duration took) const {
  const base::TimePoint last = core_.last_serving();
  // The oldest time means never; the difference to it would overflow.
  if (last == base::TimePoint::min() || clock_.Now() - last > kLately) return base::Duration(0);
  return took * kRestPerWork;
}

void Pace::Rest(base::Duration took,
                const std::shared_ptr<batching::Cancellation>& cancellation) const {
  base::Duration left = RestAfter(took);
  while (left > base::Duration(0) && !(cancellation && cancellation->cancelled())) {
    const base::Duration sleep = std::min<base::Duration>(left, kLongestSleep);
    std::this_thread::sleep_for(sleep);
    left -= sleep;
  }
}

}  // namespace actium::compare
