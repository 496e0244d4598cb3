#ifndef ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_
#define ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_

#include <fmt/format.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "server/base/mutex.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// Lets in one long call of a kind, which a thread of its own handles. Each that was let in says
/// once that its work is done, before the client is told, who may call again at once; and once that
/// its thread is over. Thread-safe.
class OneAtATime {
 public:
  /// what: names the kind in errors. in_flight: outlives this.
  OneAtATime(std::string what, const InFlight& in_flight)
      : what_(std::move(what)), in_flight_(in_flight) {}

  /// Waits for the threads of all calls; they have been cancelled by then.
  ~OneAtATime() {
    base::MutexLock lock(mutex_);
    while (threads_ > 0) ended_.Wait(mutex_);
  }

  /// Lets a call in. Errors: UNAVAILABLE if another one works, or the server shuts down.
  absl::Status Begin() ABSL_LOCKS_EXCLUDED(mutex_) {
    if (in_flight_.closed()) return absl::UnavailableError("the server shuts down");
    base::MutexLock lock(mutex_);
    if (works_) {
      return absl::UnavailableError(fmt::format("another {} runs; there is one at a time", what_));
    }
    works_ = true;
    ++threads_;
    return absl::OkStatus();
  }

  /// The next call may be let in.
  void Done() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    works_ = false;
  }

  /// The last that the call's thread does with this, or with the service.
  void End() ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    --threads_;
    // Inside the lock: once it is released, this may be destroyed.
    ended_.NotifyAll();
  }

 private:
  const std::string what_;
  const InFlight& in_flight_;
  base::Mutex mutex_;
  base::CondVar ended_;
  bool works_ ABSL_GUARDED_BY(mutex_) = false;
  int threads_ ABSL_GUARDED_BY(mutex_) = 0;  // Of calls that were let in.
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_ONE_AT_A_TIME_H_
