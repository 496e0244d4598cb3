#ifndef ACTIUM_SERVER_BATCHING_BATCH_H_
#define ACTIUM_SERVER_BATCHING_BATCH_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/batching/pending_request.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"

namespace actium::batching {

class ModelQueue;
struct Instance;

/// What WarmUp() waits for; guarded by the pool's lock.
struct WarmUpProgress {
  int left = 0;          ///< Runs that have not ended.
  absl::Status failure;  ///< The first run's that failed.
};

/// One batch and its memory; used again for one batch after the other of its instance, so that
/// running a batch allocates nothing of its own. Owned by one thread at a time: the worker that
/// took it, then the executor, then the worker that finishes it.
struct Batch {
  // For life.
  ModelQueue* queue = nullptr;
  Instance* instance = nullptr;
  std::unique_ptr<engine::BatchSlot> slot;

  // Of this use.
  std::vector<std::unique_ptr<PendingRequest>> requests;
  WarmUpProgress* warm_up = nullptr;  ///< Set: a run of zeros, without requests.
  observe::TrafficClass traffic = observe::TrafficClass::kServing;
  observe::CloseReason closed = observe::CloseReason::kWorkerFree;
  int rows = 0;                         ///< Of the requests.
  int executed_rows = 0;                ///< With padding.
  base::TimePoint taken;                ///< From the queue.
  std::chrono::nanoseconds charged{0};  ///< Compute time charged in advance.
  observe::StageTimes stages;           ///< queue: the oldest request's.
  absl::Status status;                  ///< Of preparation, then of the run.
  engine::BatchShape shape;             ///< Of the inputs.

  // The return of Start() and Done each arrive once, in either order, on any two threads; the batch
  // belongs to whoever arrives second.
  std::atomic<int> arrivals = 0;
};

/// Hands a batch that a run has finished, on an executor's thread, to a worker.
using HandOver = std::function<void(Batch&)>;

/// Gathers a batch's inputs and starts its run. Returns true if the batch is ready for
/// FinishBatch() by this thread (it ran here, or could not be run); false if it belongs to the
/// executor, which will call hand_over (once, on any thread, possibly before this returns), and the
/// caller must not touch it again.
///
/// hand_over: lives as long as any batch is in flight; thread-safe.
bool StartBatch(Batch& batch, const base::Clock& clock, const HandOver& hand_over);

/// Scatters the outputs, answers every request of the batch and records it; leaves it without
/// requests. Runs of zeros answer and record nothing, but have their outputs checked into
/// batch.status.
void FinishBatch(Batch& batch, const base::Clock& clock, observe::Recorder& recorder);

/// Answers a request that is not run, and ends its life.
void AnswerDropped(DroppedRequest& dropped, base::TimePoint now);

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_BATCH_H_
