#ifndef ACTIUM_SERVER_BASE_CLOCK_H_
#define ACTIUM_SERVER_BASE_CLOCK_H_

#include <chrono>

namespace actium::base {

/// A moment on the monotonic clock. Never a wall-clock time.
using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Where code that decides by time reads the time, so that tests can turn it by hand
/// (tests/support/fake_clock.h). Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
};

/// The machine's monotonic clock; lives as long as the process.
const Clock& SteadyClock();

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_CLOCK_H_
