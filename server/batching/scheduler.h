#ifndef ACTIUM_SERVER_BATCHING_SCHEDULER_H_
#define ACTIUM_SERVER_BATCHING_SCHEDULER_H_

#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/batching/batch.h"
#include "server/batching/model_queue.h"
#include "server/batching/pending_request.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// Longest that a warm-up run waits for its turn while serving requests always wait: without a
/// limit a server at its limit could never load the next version.
inline constexpr std::chrono::seconds kWarmUpPatience{1};

/// A removed queue that has become idle. Let go of the queue, then call on_idle, without the lock:
/// who waits for the call may then destroy the queue where it likes.
struct IdleQueue {
  std::shared_ptr<ModelQueue> queue;
  OnIdle on_idle;
};

/// Decides which of a pool's queues gets the next free worker. Has no threads and no lock, and
/// reads no clock: the pool's lock guards it, and tests drive it step by step.
///
/// - Serving requests go first. Comparison, shadow and warm-up, in this order, get a worker only
///   while no serving request waits in any queue, and only one worker at once.
/// - Among queues of the same class that have something to run, the one that has received the least
///   compute time goes first. A batch is charged in advance by what the queue's batches usually
///   take, and the charge is corrected when it ends. A queue that was idle continues from the
///   received time of the queue that was served last: it neither starves others by what it did not
///   use, nor pays for having been used earlier.
/// - A queue never runs more batches than its instances can take.
/// - Idle workers that no other queue wants share what waits in one queue.
class Scheduler {
 public:
  using Dropped = std::vector<DroppedRequest>;

  void Add(std::shared_ptr<ModelQueue> queue);

  /// Queues that were added and have not left.
  int queues() const { return static_cast<int>(queues_.size()); }

  /// Takes a request that arrived at `now`. Requests of a full queue that expired or were cancelled
  /// go to `dropped` first.
  ///
  /// Errors: UNAVAILABLE if the queue is full, FAILED_PRECONDITION after Close(); the request then
  /// stays with the caller, unchanged.
  absl::Status Enqueue(ModelQueue& queue, std::unique_ptr<PendingRequest>& request,
                       base::TimePoint now, Dropped& dropped);

  /// Adds a run of zeros for each batch of each instance and each of the sizes. progress.left
  /// counts the runs that have neither ended nor been given up because the queue was closed.
  /// Errors: FAILED_PRECONDITION after Close().
  absl::Status EnqueueWarmUp(ModelQueue& queue, const std::vector<int>& sizes,
                             WarmUpProgress& progress, base::TimePoint now);

  /// Lets no further request into the queue. What waits is run without any further delay. The queue
  /// leaves the scheduler, and waits in TakeIdle(), once nothing is unanswered. Call it once.
  void Close(ModelQueue& queue, OnIdle on_idle);

  /// When a free worker should look at this queue, after a request of this class has come: `now` if
  /// it might be run at once, max() if not before something else happens.
  base::TimePoint Attention(const ModelQueue& queue, observe::TrafficClass traffic,
                            base::TimePoint now) const;

  /// Takes the next batch to run for the calling worker, null if there is none; `dropped` gets
  /// requests that have expired. The batch's instance is the worker's until Started() or Ended().
  /// idle_workers: those that may share what waits, with the calling one, >= 1.
  Batch* Pick(base::TimePoint now, int idle_workers, Dropped& dropped);

  /// Returns whether Pick() would find a batch.
  bool HasWork(base::TimePoint now) const { return Choose(now, 1).queue != nullptr; }

  /// When Pick() may find something that it did not find `now`, if nothing else happens.
  base::TimePoint NextLook(base::TimePoint now) const;

  /// The worker has left the instance; the batch is in flight or already ended by another worker.
  void Started(ModelQueue& queue, Instance& instance);

  /// The batch has been finished by the worker and its requests are answered; it may be used again.
  /// driven: whether the worker still had its instance, that is whether Started() was not called.
  void Ended(Batch& batch, bool driven, int requests, base::TimePoint now);

  /// So many requests of this class that were dropped have been answered.
  void Answered(ModelQueue& queue, observe::TrafficClass traffic, int requests);

  /// Returns the queues that have become idle since the last call.
  std::vector<IdleQueue> TakeIdle();

  /// Moves everything that waits to `dropped` and gives up warm-up runs.
  void DropAll(Dropped& dropped);

  /// Serving requests that wait in a queue.
  static int Waiting(const ModelQueue& queue);

  /// Where a batch of a queue is full; see policy.h.
  static int FullRows(const ModelQueue& queue);

  /// Batches between Pick() and Ended().
  int in_flight() const { return static_cast<int>(in_flight_.size()); }

  /// When the batch that has been in flight longest was taken; max() if there is none.
  base::TimePoint oldest_in_flight() const;

 private:
  struct Choice {
    ModelQueue* queue = nullptr;
    observe::TrafficClass traffic = observe::TrafficClass::kServing;
    bool warm_up = false;  // A run of zeros; look is not set.
    RequestQueue::Look look{};
    base::TimePoint wake_at = base::TimePoint::max();  // If there is no queue.
  };

  Choice Choose(base::TimePoint now, int idle_workers) const;
  void ChooseRequests(observe::TrafficClass traffic, base::TimePoint now, int idle_workers,
                      Choice& choice) const;
  int Sharers(const ModelQueue& queue, int idle_workers) const;
  void ChooseWarmUp(Choice& choice) const;
  int ServingWaiting() const;
  bool WarmUpWaiting() const;
  Batch* TakeRequests(const Choice& choice, base::TimePoint now, Dropped& dropped);
  Batch* TakeWarmUp(ModelQueue& queue);
  void CancelWarmUp(ModelQueue& queue);
  void Begin(Batch& batch, ModelQueue& queue, base::TimePoint now);
  void DropExpired(base::TimePoint now, Dropped& dropped);
  void Count(ModelQueue& queue, observe::TrafficClass traffic, int requests);
  void Activate(ModelQueue& queue);
  void DeactivateEmpty();
  void RetireIfIdle(ModelQueue& queue);

  std::vector<std::shared_ptr<ModelQueue>> queues_;
  std::vector<ModelQueue*> active_;  // Queues in which something waits, and perhaps some more.
  std::vector<Batch*> in_flight_;
  std::vector<IdleQueue> idle_;
  std::array<std::chrono::nanoseconds, kAccounts> floor_{};  // Received by the last one served.
  int background_in_flight_ = 0;                             // Batches of all classes but serving.
  base::TimePoint warm_up_due_ = base::TimePoint::max();     // When patience ends, if runs wait.
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_SCHEDULER_H_
