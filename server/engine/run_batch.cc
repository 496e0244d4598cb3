#include "server/engine/run_batch.h"

#include <utility>

#include "server/base/mutex.h"

namespace actium::engine {

absl::StatusOr<RunTimes> RunBatch(Executor& executor, BatchSlot& slot) {
  struct {
    base::Mutex mutex;
    base::CondVar changed;
    bool done = false;
    absl::Status status;
    RunTimes times;
  } run;
  // One reference fits into Done without an allocation.
  executor.Start(slot, [&run](absl::Status status, RunTimes times) {
    base::MutexLock lock(run.mutex);
    run.status = std::move(status);
    run.times = times;
    run.done = true;
    // With the lock held: whoever waits ends the life of `run`.
    run.changed.NotifyOne();
  });
  base::MutexLock lock(run.mutex);
  while (!run.done) run.changed.Wait(run.mutex);
  if (!run.status.ok()) return std::move(run.status);
  return run.times;
}

}  // namespace actium::engine
