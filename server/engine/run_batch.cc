#include "server/engine/run_batch.h"

#include <utility>

#include "server/base/mutex.h"

namespace actium::engine {

absl::Status RunBatch(Executor& executor, BatchSlot& slot) {
  struct {
    base::Mutex mutex;
    base::CondVar changed;
    bool done = false;
    absl::Status status;
  } run;
  // One reference fits into Done without an allocation.
  executor.Start(slot, [&run](absl::Status status, RunTimes) {
    base::MutexLock lock(run.mutex);
    run.status = std::move(status);
    run.done = true;
    // With the lock held: whoever waits ends the life of `run`.
    run.changed.NotifyOne();
  });
  base::MutexLock lock(run.mutex);
  while (!run.done) run.changed.Wait(run.mutex);
  return std::move(run.status);
}

}  // namespace actium::engine
