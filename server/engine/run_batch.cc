#include "server/engine/run_batch.h"

#include <utility>

#include "absl/synchronization/notification.h"

namespace actium::engine {

absl::Status RunBatch(Executor& executor, BatchSlot& slot) {
  struct {
    absl::Status status;
    absl::Notification done;
  } run;
  // One reference fits into Done without an allocation.
  executor.Start(slot, [&run](absl::Status status, RunTimes) {
    run.status = std::move(status);
    run.done.Notify();
  });
  run.done.WaitForNotification();
  return run.status;
}

}  // namespace actium::engine
