#ifndef ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_
#define ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/batching/batch.h"
#include "server/batching/batch_times.h"
#include "server/batching/pending_request.h"
#include "server/batching/request_queue.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// Called once all requests that a removed queue had accepted are answered.
using OnIdle = absl::AnyInvocable<void()>;

/// Serving traffic has one account of compute time and all other traffic another, so that a
/// comparison of a model costs its serving nothing.
inline constexpr int kAccounts = 2;

/// One stream of work of a model version: an executor and the batches that it may have in flight.
struct Instance {
  std::unique_ptr<engine::Executor> executor;
  std::vector<std::unique_ptr<Batch>> batches;  ///< max_in_flight() of them.
  std::vector<Batch*> free;                     ///< Those not in flight.
  bool driven = false;                          ///< A worker gathers for it or is inside Start().
};

/// One run of zeros that WarmUp() waits for.
struct WarmUpRun {
  Batch* batch = nullptr;
  int rows = 1;
  WarmUpProgress* progress = nullptr;
};

/// A model version in a pool: its instances, and what waits for them. Made by DevicePool::Add().
///
/// The public part is immutable and may be read by any thread. The rest belongs to the pool's
/// scheduler, under the pool's lock.
class ModelQueue {
 public:
  /// Makes `instances` instances, each with its slots. Errors: those of NewExecutor() and
  /// NewSlot().
  static absl::StatusOr<std::shared_ptr<ModelQueue>> Make(
      std::shared_ptr<engine::LoadedModel> model, std::shared_ptr<const observe::ModelRef> ref,
      QueueOptions options, const engine::Device& device, int instances, int intra_op_threads);

  ModelQueue(const ModelQueue&) = delete;
  ModelQueue& operator=(const ModelQueue&) = delete;

  const engine::LoadedModel& model() const { return *model_; }
  const engine::Signature& signature() const { return model_->signature(); }
  const std::shared_ptr<const observe::ModelRef>& ref() const { return ref_; }
  const QueueOptions& options() const { return options_; }
  int instances() const { return static_cast<int>(instances_.size()); }

 private:
  friend class Scheduler;

  struct Account {
    std::chrono::nanoseconds received{0};  // Compute time, in the scheduler's virtual time.
    std::chrono::nanoseconds typical{0};   // Moving average of one batch; charged in advance.
    int unanswered = 0;                    // Requests and warm-up runs, waiting or running.
  };

  ModelQueue(std::shared_ptr<engine::LoadedModel> model,
             std::shared_ptr<const observe::ModelRef> ref, QueueOptions options);
  absl::Status AddInstance(const engine::Device& device, int intra_op_threads);

  // What a batch that has run shows about where batches are full. Nothing is known of a model that
  // no warm-up has run at all its sizes: of any shapes, or of no time that could be measured.
  void LearnFrom(const Batch& batch);

  // Before instances_: executors go before the model that made them.
  const std::shared_ptr<engine::LoadedModel> model_;
  const std::shared_ptr<const observe::ModelRef> ref_;
  const QueueOptions options_;
  std::vector<std::unique_ptr<Instance>> instances_;

  std::deque<RequestQueue> waiting_;  // By traffic class.
  std::deque<WarmUpRun> warm_up_;
  BatchTimes times_;
  std::array<Account, kAccounts> accounts_;
  bool active_ = false;  // In the scheduler's list of queues with something waiting.
  bool closed_ = false;
  OnIdle on_idle_;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_
