#include "server/batching/model_queue.h"

#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"

namespace actium::batching {
absl::StatusOr<std::shared_ptr<ModelQueue>> ModelQueue::Make(
    std::shared_ptr<engine::LoadedModel> model, std::shared_ptr<const observe::ModelRef> ref,
    QueueOptions options, const engine::Device& device, int instances, int intra_op_threads) {
  std::shared_ptr<ModelQueue> queue(
      new ModelQueue(std::move(model), std::move(ref), std::move(options)));
  for (int i = 0; i < instances; ++i) {
    ACTIUM_RETURN_IF_ERROR(queue->AddInstance(device, intra_op_threads));
  }
  return queue;
}

ModelQueue::ModelQueue(std::shared_ptr<engine::LoadedModel> model,
                       std::shared_ptr<const observe::ModelRef> ref, QueueOptions options)
    : model_(std::move(model)), ref_(std::move(ref)), options_(std::move(options)) {
  const int max_batch_size = signature().max_batch_size;
  for (int i = 0; i < observe::kTrafficClasses; ++i) {
    waiting_.emplace_back(options_, max_batch_size, max_batch_size > 0,
                          engine::HasFixedInputShapes(signature()));
  }
}

absl::Status ModelQueue::AddInstance(const engine::Device& device, int intra_op_threads) {
  auto instance = std::make_unique<Instance>();
  ACTIUM_ASSIGN_OR_RETURN(instance->executor, model_->NewExecutor(device, intra_op_threads));
  for (int i = 0; i < std::max(1, instance->executor->max_in_flight()); ++i) {
    auto batch = std::make_unique<Batch>();
    ACTIUM_ASSIGN_OR_RETURN(batch->slot, instance->executor->NewSlot());
    batch->queue = this;
    batch->instance = instance.get();
    instance->free.push_back(batch.get());
    instance->batches.push_back(std::move(batch));
  }
  instances_.push_back(std::move(instance));
  return absl::OkStatus();
}

void ModelQueue::LearnFrom(const Batch& batch) {
  if (batch.warm_up == nullptr && times_.empty()) return;
  if (!times_.Add(batch.executed_rows, batch.stages.compute)) return;
  const int efficient_rows = times_.EfficientRows();
  for (RequestQueue& waiting : waiting_) waiting.SetEfficientRows(efficient_rows);
}

}  // namespace actium::batching
