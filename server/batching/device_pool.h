#ifndef ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_
#define ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_

// (skeleton: the owner of server/batching completes private parts and may improve)

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/batching/model_queue.h"

namespace actium::batching {

struct PoolOptions {
  engine::Device device;
  int workers = 1;           ///< Threads that run batches, >= 1.
  int intra_op_threads = 1;  ///< Threads of one run, >= 1.
};

/// The workers of one device, shared by all models on it.
class DevicePool {
 public:
  DevicePool(PoolOptions options, const base::Clock& clock, observe::Recorder& recorder);
  /// Completes what waits with UNAVAILABLE, finishes what runs, ends the workers.
  ~DevicePool();

  /// Makes the queue of a model version, its instances and their slots. It gets no work from Submit()
  /// of others; nothing runs yet. Errors: those of NewExecutor() and NewSlot().
  absl::StatusOr<std::shared_ptr<ModelQueue>> Add(std::shared_ptr<engine::LoadedModel> model,
                                                  std::shared_ptr<const observe::ModelRef> ref,
                                                  QueueOptions options);

  /// Runs zeros through every instance at every planned batch size (without plans: 1 and
  /// max_batch_size), as work of the lowest class. Waits for it. Errors: the first run's that failed.
  absl::Status WarmUp(ModelQueue& queue);

  /// Takes a request; its `done` will be called. Never waits.
  ///
  /// Errors: UNAVAILABLE if the queue is full, FAILED_PRECONDITION after Remove(). On error the
  /// request stays with the caller, unchanged, and its `done` is not called.
  absl::Status Submit(ModelQueue& queue, std::unique_ptr<PendingRequest>& request);

  /// Takes no further request for this version; calls on_idle, on a worker or on the caller, once
  /// all that was accepted is answered.
  void Remove(ModelQueue& queue, absl::AnyInvocable<void()> on_idle);

  bool healthy() const;
  int workers() const;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_DEVICE_POOL_H_
