#ifndef ACTIUM_SERVER_EXIT_WATCHDOG_H_
#define ACTIUM_SERVER_EXIT_WATCHDOG_H_

#include <chrono>
#include <thread>

#include "server/base/mutex.h"

namespace actium {

/// Bounds the end of the process. An orderly end waits for runs and loads, and an engine cannot be
/// told to give one up: one that hangs would keep the process until somebody kills it.
class ExitWatchdog {
 public:
  /// Ends the process with options::kExitCutOff, after a line in the log, unless this object is
  /// destroyed before `after` has passed.
  explicit ExitWatchdog(std::chrono::nanoseconds after);
  ~ExitWatchdog();

  ExitWatchdog(const ExitWatchdog&) = delete;
  ExitWatchdog& operator=(const ExitWatchdog&) = delete;

 private:
  void Watch(std::chrono::nanoseconds after);

  base::Mutex mutex_;
  base::CondVar changed_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace actium

#endif  // ACTIUM_SERVER_EXIT_WATCHDOG_H_
