#ifndef ACTIUM_TESTS_SUPPORT_FAKE_CLOCK_H_
#define ACTIUM_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <atomic>
#include <chrono>

#include "server/base/clock.h"

namespace actium::test {

/// A clock that stands still until a test turns it. Starts one hour after the epoch. Thread-safe.
class FakeClock final : public base::Clock {
 public:
  base::TimePoint Now() const override { return base::TimePoint(base::Duration(now_.load())); }
  void Advance(base::Duration by) { now_ += by.count(); }

 private:
  std::atomic<int64_t> now_ = base::Duration(std::chrono::hours(1)).count();
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_FAKE_CLOCK_H_
