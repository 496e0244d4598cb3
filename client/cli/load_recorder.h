#ifndef ACTIUM_CLIENT_CLI_LOAD_RECORDER_H_
#define ACTIUM_CLIENT_CLI_LOAD_RECORDER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "absl/status/status.h"
#include "client/cli/load_generator.h"

namespace actium::cli {

/// What both loops share: counts answers and lets the caller's thread wait for them. Thread-safe.
class LoadRecorder {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Notes that a request is about to be sent.
  void OnSent();

  /// Waits until fewer than `most` requests are in flight.
  void WaitForRoom(int most);

  /// Notes an answer. counted: whether it belongs into the result.
  void OnAnswer(const absl::Status& status, std::chrono::nanoseconds latency, bool counted,
                TimePoint now);

  /// Waits until `finished` holds and nothing is in flight, calling on_progress, if it is set, ten
  /// times a second.
  void WaitForAll(const std::function<bool()>& finished,
                  const std::function<void(int64_t)>& on_progress);

  /// When the last answer came; the epoch before any.
  TimePoint last_answer() const;

  /// Returns the result; its `elapsed` is left to the caller.
  LoadResult Take();

  int64_t answers() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int64_t in_flight_ = 0;         // This and all below: guarded by mutex_.
  int64_t wanted_in_flight_ = 0;  // What the waiting thread waits for; at most so many.
  int64_t answers_ = 0;
  TimePoint last_answer_{};
  LoadResult result_;
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_LOAD_RECORDER_H_
