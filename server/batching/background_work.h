#ifndef ACTIUM_SERVER_BATCHING_BACKGROUND_WORK_H_
#define ACTIUM_SERVER_BATCHING_BACKGROUND_WORK_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/batching/device_pool.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// Does pieces of work on a pool's workers, in the place of warm-up runs: they get a worker only
/// while no serving request waits, at most one worker, and not while a comparison's batch or
/// another such run has one. On a pool that is never idle a piece waits kWarmUpPatience for its
/// turn.
///
/// So a piece holds up serving by its own length at most, as any batch does. Measurements belong
/// here: on a thread of their own they would take a core, and of a container's CPU quota a share,
/// from the workers. Used by one thread at a time.
class BackgroundWork {
 public:
  /// pool: outlives this. ref: of the model that the work is for; named in errors.
  /// Errors: RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<BackgroundWork>> Make(
      DevicePool& pool, std::shared_ptr<const observe::ModelRef> ref);

  /// Waits until the pool has let go of it.
  ~BackgroundWork();

  BackgroundWork(const BackgroundWork&) = delete;
  BackgroundWork& operator=(const BackgroundWork&) = delete;

  /// Does a piece of work, once, on a worker, and waits for it.
  ///
  /// work: as long as one batch, no longer. Errors: its own, named by the model.
  absl::Status Run(absl::FunctionRef<absl::Status()> work);

 private:
  class Model;
  BackgroundWork(DevicePool& pool, std::shared_ptr<Model> model, std::shared_ptr<ModelQueue> queue);

  DevicePool& pool_;
  const std::shared_ptr<Model> model_;
  const std::shared_ptr<ModelQueue> queue_;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_BACKGROUND_WORK_H_
