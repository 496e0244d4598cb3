#ifndef ACTIUM_CLIENT_CLI_LOAD_GENERATOR_H_
#define ACTIUM_CLIENT_CLI_LOAD_GENERATOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "server/stats/histogram.h"

namespace actium::cli {

/// Starts the request of a number, counted from 0, and has `done` called exactly once: on any
/// thread, possibly before it returns. Thread-safe.
using Send = std::function<void(int64_t number, std::function<void(absl::Status)> done)>;

/// Time as a load generator sees and passes it; tests put their own in its place.
struct PacingClock {
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::steady_clock::time_point)> wait_until;
};

/// The real clock.
PacingClock RealPacingClock();

/// What was measured.
struct LoadResult {
  stats::Histogram latency;  ///< Nanoseconds, of requests that succeeded.
  std::map<absl::StatusCode, int64_t> failed;
  std::string first_error;              ///< Message of the first request that failed.
  std::chrono::nanoseconds elapsed{0};  ///< What rates are to be divided by.

  int64_t succeeded() const { return latency.count(); }
  int64_t failures() const;
  /// Successful requests per second; 0 if no time passed.
  double rate() const;
  /// Adds what was measured in another stretch of time.
  void Merge(const LoadResult& other);
};

/// So many requests at any time: each answer starts the next request.
struct ClosedLoop {
  int concurrency = 1;                   ///< >= 1.
  int64_t requests = 0;                  ///< How many in all; 0: as many as `duration` allows.
  std::chrono::nanoseconds warm_up{0};   ///< Answers of this time are not counted.
  std::chrono::nanoseconds duration{0};  ///< Behind warm_up; not used if `requests` is set.
  /// Called ten times a second, by the caller's thread, with the number of answers.
  std::function<void(int64_t)> on_progress;
};

/// Measures a closed loop; returns when all answers are there. Counts answers that come between the
/// ends of warm-up and duration, however long ago their requests were sent.
LoadResult RunClosedLoop(const ClosedLoop& loop, const Send& send,
                         const PacingClock& clock = RealPacingClock());

/// Requests at a fixed rate, whether or not earlier ones have been answered.
struct OpenLoop {
  double rate = 1;  ///< Requests per second, > 0.
  std::chrono::nanoseconds warm_up{0};
  std::chrono::nanoseconds duration{0};
  int most_in_flight = 10000;  ///< A request that would be one more is sent late; >= 1.
  std::function<void(int64_t)> on_progress;  ///< As in ClosedLoop.
};

/// Measures an open loop; returns when all answers are there.
///
/// Request k is due k / rate after the start, and its latency counts from then, not from when it
/// was really sent: if server or client falls behind, the waiting shows, as it would to independent
/// users (no "coordinated omission"). Requests that are due during warm-up are not counted.
LoadResult RunOpenLoop(const OpenLoop& loop, const Send& send,
                       const PacingClock& clock = RealPacingClock());

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_LOAD_GENERATOR_H_
