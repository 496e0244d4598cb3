#ifndef ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_
#define ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/batching/batch.h"
#include "server/batching/model_queue.h"
#include "server/batching/scheduler.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"

namespace actium::batching {

struct PoolOptions {
  engine::Device device{};
  int workers = 1;           ///< Threads that run batches, >= 1.
  int intra_op_threads = 1;  ///< Threads of one run, >= 1.
  /// A batch that is in flight for longer makes the pool unhealthy.
  std::chrono::nanoseconds stuck_after = std::chrono::minutes(1);
  /// False once the device is of no use any more; thread-safe and cheap. Null: it always is.
  std::function<bool()> device_healthy{};
  /// Whether models that may run elsewhere are to leave a device that is of no use any more.
  bool models_may_leave = false;
};

/// The workers of one device, shared by all models on it. A free worker takes what waits (see
/// Scheduler for which, policy.h for how much), gathers it, runs it, scatters the results and
/// answers the requests. Work-conserving: no worker is idle while something that may run waits,
/// unless its model asks for a delay.
///
/// Every accepted request is answered exactly once. One that expires while it waits is answered
/// close to its deadline if a worker is free, otherwise when the next one becomes free; one that
/// was cancelled when its turn comes. Once the device is of no use any more, runs that fail are
/// answered with UNAVAILABLE: another server may do better. The first is logged, "device_failed",
/// an error.
///
/// Thread-safe. No callback is called with a lock held. One mutex guards all queues; it is held for
/// queue operations only, never while something is copied, run or answered.
class DevicePool {
 public:
  /// clock and recorder outlive the pool. By a clock that stands still, delays and deadlines are
  /// looked at whenever a request comes or a batch ends.
  DevicePool(PoolOptions options, const base::Clock& clock, observe::Recorder& recorder);

  /// Completes what waits with UNAVAILABLE, finishes what runs, ends the workers. No other call may
  /// be in progress.
  ~DevicePool();

  DevicePool(const DevicePool&) = delete;
  DevicePool& operator=(const DevicePool&) = delete;

  /// Makes the queue of a model version, its instances and their slots, on the calling thread.
  /// Costs their memory; the workers go on. The pool keeps the queue until Remove().
  ///
  /// Errors: those of NewExecutor() and NewSlot().
  absl::StatusOr<std::shared_ptr<ModelQueue>> Add(std::shared_ptr<engine::LoadedModel> model,
                                                  std::shared_ptr<const observe::ModelRef> ref,
                                                  QueueOptions options) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Runs zeros through every slot of every instance at every planned batch size (without plans: 1
  /// and max_batch_size), as work of the lowest class, and waits for it; what the runs took says
  /// where a batch is full. Does nothing for a model with inputs of any size, for which zeros of a
  /// good size are not known.
  ///
  /// Errors: the first run's that failed; FAILED_PRECONDITION after or during Remove().
  absl::Status WarmUp(ModelQueue& queue) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Takes a request; its `done` will be called. Never waits. Sets enqueued and queue.
  ///
  /// Errors: INVALID_ARGUMENT if its rows are not in [1, max_batch_size], UNAVAILABLE if the queue
  /// is full or the pool is being destroyed, FAILED_PRECONDITION after Remove(). On error the
  /// request stays with the caller, unchanged, and its `done` is not called.
  absl::Status Submit(ModelQueue& queue, std::unique_ptr<PendingRequest>& request)
      ABSL_LOCKS_EXCLUDED(mutex_);

  /// Takes no further request for this version; calls on_idle, on a worker or on the caller, once
  /// all that was accepted is answered. The pool has then let go of the queue. Call it once.
  void Remove(ModelQueue& queue, OnIdle on_idle) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Serving requests of this version that wait now.
  int Waiting(const ModelQueue& queue) const ABSL_LOCKS_EXCLUDED(mutex_);

  /// Where a batch of this version is full: at max_batch_size or, once the version is warm, where
  /// larger batches compute no faster; see policy.h.
  int FullRows(const ModelQueue& queue) const ABSL_LOCKS_EXCLUDED(mutex_);

  /// Returns why the pool cannot do its work: the device is of no use, or a batch has been in
  /// flight for longer than stuck_after. Empty: it can.
  std::string WhyUnhealthy() const ABSL_LOCKS_EXCLUDED(mutex_);

  bool healthy() const { return WhyUnhealthy().empty(); }

  /// True, from then on for good, once the device is of no use any more and models are to leave it
  /// (PoolOptions::models_may_leave).
  bool abandoned() const { return options_.models_may_leave && DeviceFailed(); }

  /// Queues that were added and that the pool has not let go of.
  int models() const ABSL_LOCKS_EXCLUDED(mutex_);

  int workers() const { return options_.workers; }
  const engine::Device& device() const { return options_.device; }

 private:
  // What a worker does between two looks at the queues.
  struct Job;

  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  Job NextJob() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int Sharers() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(Job& job) ABSL_LOCKS_EXCLUDED(mutex_);
  void LogFailure(const absl::Status& status);
  void LeaveInstance(Job& job) ABSL_LOCKS_EXCLUDED(mutex_);
  void Finish(Job& job) ABSL_LOCKS_EXCLUDED(mutex_);
  void Settle(const Job& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool DeviceFailed() const { return options_.device_healthy && !options_.device_healthy(); }
  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAnother(base::TimePoint now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  base::CondVar* ChooseToWake(base::TimePoint attention, base::TimePoint now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnRunEnded(Batch& batch) ABSL_LOCKS_EXCLUDED(mutex_);
  void AnswerDroppedRequests(std::vector<DroppedRequest>& dropped) ABSL_LOCKS_EXCLUDED(mutex_);
  void SettleDropped(const std::vector<DroppedRequest>& dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PoolOptions options_;
  const base::Clock& clock_;
  observe::Recorder& recorder_;
  const HandOver hand_over_;
  std::atomic<bool> failure_logged_ = false;

  mutable base::Mutex mutex_;
  Scheduler scheduler_ ABSL_GUARDED_BY(mutex_);
  std::vector<Batch*> ended_ ABSL_GUARDED_BY(mutex_);  // Runs that ended on an executor's thread.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Of the idle workers one, the leader, waits until timer_at_; the others wait without limit. So a
  // delay or a deadline wakes one thread, not all. Work that comes wakes a follower if there is
  // one.
  base::CondVar leader_wake_;
  base::CondVar follower_wake_;
  base::CondVar warm_up_ended_;
  bool has_leader_ ABSL_GUARDED_BY(mutex_) = false;
  bool leader_woken_ ABSL_GUARDED_BY(mutex_) = false;
  base::TimePoint timer_at_ ABSL_GUARDED_BY(mutex_) = base::TimePoint::max();
  int followers_ ABSL_GUARDED_BY(mutex_) = 0;
  int followers_woken_ ABSL_GUARDED_BY(mutex_) = 0;  // Of followers_: told, but not yet running.

  std::vector<std::thread> threads_;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_
