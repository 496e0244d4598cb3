#ifndef ACTIUM_SERVER_BASE_RATE_LIMIT_H_
#define ACTIUM_SERVER_BASE_RATE_LIMIT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace actium::base {

/// Lets so many events through in each second that begins with one, and counts the others; so that
/// what clients can cause does not fill the log. Thread-safe.
class RateLimit {
 public:
  /// per_second: >= 1.
  explicit RateLimit(int64_t per_second) : per_second_(per_second) {}

  /// Returns how many were held back since the last one that passed; nothing if this one is.
  std::optional<int64_t> Pass(TimePoint now) {
    MutexLock lock(mutex_);
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      passed_ = 0;
    }
    if (passed_ == per_second_) {
      ++held_back_;
      return std::nullopt;
    }
    ++passed_;
    return std::exchange(held_back_, 0);
  }

 private:
  const int64_t per_second_;
  Mutex mutex_;
  TimePoint second_ ABSL_GUARDED_BY(mutex_);  // When it began.
  int64_t passed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t held_back_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_RATE_LIMIT_H_
