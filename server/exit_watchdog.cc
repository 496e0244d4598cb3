#include "server/exit_watchdog.h"

#include <cstdlib>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/options/flags.h"

namespace actium {

ExitWatchdog::ExitWatchdog(std::chrono::nanoseconds after)
    : thread_([this, after] { Watch(after); }) {}

ExitWatchdog::~ExitWatchdog() {
  {
    base::MutexLock lock(mutex_);
    over_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

void ExitWatchdog::Watch(std::chrono::nanoseconds after) {
  const base::TimePoint end = base::SteadyClock().Now() + after;
  base::MutexLock lock(mutex_);
  while (!over_ && base::SteadyClock().Now() < end) changed_.WaitUntil(mutex_, end);
  if (over_) return;
  base::log::Error("exit_forced", {{"after_seconds", std::chrono::duration<double>(after).count()},
                                   {"error", "a run or the loading of a model does not return"}});
  // Without destructors, which would wait for the very thread that hangs.
  std::_Exit(options::kExitCutOff);
}

}  // namespace actium
