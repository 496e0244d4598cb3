#ifndef ACTIUM_SERVER_ENGINE_RUN_BATCH_H_
#define ACTIUM_SERVER_ENGINE_RUN_BATCH_H_

#include "absl/status/statusor.h"
#include "server/engine/executor.h"

namespace actium::engine {

/// Runs a batch and waits for it: Executor::Start() for those who have nothing else to do
/// meanwhile.
///
/// slot: of this executor, prepared and filled; then its outputs can be read. Allocates nothing
/// itself. Errors: what Done gets.
absl::StatusOr<RunTimes> RunBatch(Executor& executor, BatchSlot& slot);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_RUN_BATCH_H_
