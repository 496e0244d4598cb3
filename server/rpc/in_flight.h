#ifndef ACTIUM_SERVER_RPC_IN_FLIGHT_H_
#define ACTIUM_SERVER_RPC_IN_FLIGHT_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace actium::rpc {

/// Counts the inference requests between their arrival and the end of their calls: bounds them, and
/// knows when the last is over so that the server can stop. Thread-safe; Enter() and Leave() take
/// no lock while the server runs.
class InFlight {
 public:
  struct Limits {
    int64_t requests = 0;  ///< Most at once, >= 1.
    int64_t bytes = 0;     ///< Most bytes of their messages together, >= 1.
  };
  explicit InFlight(Limits limits) : limits_(limits) {}

  /// Lets a request of so many bytes in; Leave() must follow if it succeeds, and only then.
  ///
  /// Errors: UNAVAILABLE after Close() or where a limit is reached. A single request passes the
  /// limit on bytes, whatever its size: it is bounded by the largest message.
  absl::Status Enter(int64_t bytes);
  void Leave(int64_t bytes);

  /// Lets nothing in from now on.
  void Close() { closed_.store(true); }
  bool closed() const { return closed_.load(); }

  /// Waits after Close() until nothing is in flight or the time is reached; returns what is left.
  int64_t WaitUntilIdle(base::TimePoint give_up_at);

  /// Waits until no request has come for so long, or until the time is reached; at once if none
  /// came lately.
  void WaitUntilQuiet(std::chrono::nanoseconds quiet, base::TimePoint give_up_at);

  int64_t requests() const { return requests_.load(); }

 private:
  const Limits limits_;
  // Sequentially consistent, all three: Enter() counts and then looks at closed_, Close() sets it
  // and then the count is looked at, so one of the two sees the other.
  std::atomic<int64_t> requests_ = 0;
  std::atomic<int64_t> bytes_ = 0;
  std::atomic<bool> closed_ = false;
  std::atomic<base::TimePoint> last_came_ = base::TimePoint::min();

  base::Mutex mutex_;
  base::CondVar idle_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_IN_FLIGHT_H_
