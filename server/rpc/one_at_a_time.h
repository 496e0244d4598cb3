#ifndef ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_
#define ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_

#include <fmt/format.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/base/mutex.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// Lets in one long call of a kind, which a thread of its own handles. Thread-safe.
class OneAtATime {
 public:
  /// what: names the kind in errors. in_flight: outlives this.
  OneAtATime(std::string what, const InFlight& in_flight)
      : what_(std::move(what)), in_flight_(in_flight) {}

  /// Waits for the call that is in; it has been cancelled by then.
  ~OneAtATime() {
    base::MutexLock lock(mutex_);
    while (running_) ended_.Wait(mutex_);
  }

  /// Lets a call in. Errors: UNAVAILABLE if another one is, or the server shuts down.
  absl::Status Begin() ABSL_LOCKS_EXCLUDED(mutex_) {
    if (in_flight_.closed()) return absl::UnavailableError("the server shuts down");
    base::MutexLock lock(mutex_);
    if (running_) {
      return absl::UnavailableError(fmt::format("another {} runs; there is one at a time", what_));
    }
    running_ = true;
    return absl::OkStatus();
  }

  /// The last that the call's thread does with this, or with the service.
  void End() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    running_ = false;
    // Inside the lock: once it is released, this may be destroyed.
    ended_.NotifyAll();
  }

 private:
  const std::string what_;
  const InFlight& in_flight_;
  base::Mutex mutex_;
  base::CondVar ended_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_
