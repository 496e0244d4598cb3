#include "server/batching/batch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/batching/gather.h"
#include "server/batching/model_queue.h"
#include "server/batching/scatter.h"

namespace actium::batching {
namespace {

using observe::DropReason;

absl::Status FillWithZeros(std::span<const tensor::MutableTensorView> inputs) {
  for (const tensor::MutableTensorView& input : inputs) {
    if (input.kind == tensor::MemoryKind::kDevice) {
      return absl::UnimplementedError("the slot's inputs are in device memory");
    }
    if (!input.bytes.empty()) std::memset(input.bytes.data(), 0, input.bytes.size());
  }
  return absl::OkStatus();
}

absl::Status FillSlot(Batch& batch) {
  const engine::Signature& signature = batch.queue->signature();
  if (batch.warm_up != nullptr) {
    batch.shape = engine::BatchShapeOf(signature, batch.executed_rows);
    ACTIUM_ASSIGN_OR_RETURN(const auto inputs, batch.slot->Prepare(batch.shape));
    return FillWithZeros(inputs);
  }
  SetBatchShape(signature, *batch.requests.front(), batch.executed_rows, batch.shape);
  ACTIUM_ASSIGN_OR_RETURN(const auto inputs, batch.slot->Prepare(batch.shape));
  return Gather(signature, batch.requests, batch.executed_rows, inputs);
}

// Says which model failed; the code stays.
absl::Status InContext(const observe::ModelRef& model, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("running model '{}' version {}: {}", model.model,
                                                 model.version, std::string(status.message())));
}

void AnswerAll(Batch& batch, std::vector<absl::StatusOr<InferResponse>>& answers) {
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    PendingRequest& pending = *batch.requests[i];
    observe::StageTimes stages = batch.stages;
    stages.queue = batch.taken - pending.enqueued;
    if (answers[i].ok()) {
      answers[i]->served_by = batch.queue->ref();
      answers[i]->stages = stages;
    }
    pending.done({.response = std::move(answers[i]), .stages = stages});
    batch.requests[i].reset();
  }
  batch.requests.clear();
}

// Returns each request's answer, in order.
std::vector<absl::StatusOr<InferResponse>> MakeAnswers(const Batch& batch) {
  std::vector<absl::StatusOr<InferResponse>> answers;
  answers.reserve(batch.requests.size());
  const auto outputs =
      batch.status.ok() ? batch.slot->outputs() : decltype(batch.slot->outputs())();
  int first_row = 0;
  for (const auto& pending : batch.requests) {
    if (batch.status.ok()) {
      answers.push_back(Scatter(batch.queue->signature(), outputs, first_row, *pending));
    } else {
      // Not a copy, which would share a counter with this thread's: TSan cannot see into the
      // packaged abseil and would report a race where the answer's thread lets go of it.
      answers.emplace_back(absl::Status(batch.status.code(), batch.status.message()));
    }
    first_row += pending->rows;
  }
  return answers;
}

void CheckRun(Batch& batch) {
  if (batch.status.ok()) {
    batch.status =
        CheckOutputs(batch.queue->signature(), batch.executed_rows, batch.slot->outputs());
  }
  if (!batch.status.ok()) batch.status = InContext(*batch.queue->ref(), batch.status);
}

absl::Status DropStatus(DropReason reason, const observe::ModelRef& model,
                        std::chrono::nanoseconds waited) {
  switch (reason) {
    case DropReason::kCancelled:
      return absl::CancelledError("the caller cancelled the request while it waited");
    case DropReason::kExpired:
      return absl::DeadlineExceededError(fmt::format(
          "model '{}': the request's time was over after {} us in the queue", model.model,
          std::chrono::duration_cast<std::chrono::microseconds>(waited).count()));
    default:
      return absl::UnavailableError(fmt::format("model '{}': the server shuts down", model.model));
  }
}

}  // namespace

bool StartBatch(Batch& batch, const base::Clock& clock, const HandOver& hand_over) {
  batch.stages.gather = {};
  batch.stages.compute = {};
  batch.stages.scatter = {};
  batch.status = FillSlot(batch);
  batch.stages.gather = clock.Now() - batch.taken;
  if (!batch.status.ok()) return true;

  batch.arrivals.store(0, std::memory_order_relaxed);
  batch.instance->executor->Start(
      *batch.slot, [&batch, &hand_over](absl::Status status, engine::RunTimes times) {
        batch.status = std::move(status);
        batch.stages.compute = times.compute;
        if (batch.arrivals.fetch_add(1, std::memory_order_acq_rel) == 1) hand_over(batch);
      });
  return batch.arrivals.fetch_add(1, std::memory_order_acq_rel) == 1;
}

void FinishBatch(Batch& batch, const base::Clock& clock, observe::Recorder& recorder) {
  const base::TimePoint begin = clock.Now();
  CheckRun(batch);
  if (batch.warm_up != nullptr) return;

  std::vector<absl::StatusOr<InferResponse>> answers = MakeAnswers(batch);
  observe::BatchOutcome outcome;
  outcome.model = batch.queue->ref();
  outcome.traffic = batch.traffic;
  outcome.code = batch.status.code();
  outcome.closed = batch.closed;
  outcome.requests = static_cast<int>(batch.requests.size());
  outcome.rows = batch.rows;
  outcome.executed_rows = batch.executed_rows;
  if (batch.status.ok()) {
    outcome.non_finite_rows =
        CountNonFiniteRows(batch.queue->signature(), batch.slot->outputs(), batch.rows);
  }
  outcome.finished = clock.Now();
  batch.stages.scatter = outcome.finished - begin;
  outcome.stages = batch.stages;
  // Recorded first: whoever has its answer finds its batch counted.
  recorder.OnBatch(outcome);
  AnswerAll(batch, answers);
}

void AnswerDropped(DroppedRequest& dropped, base::TimePoint now) {
  const std::chrono::nanoseconds waited = now - dropped.request->enqueued;
  dropped.request->done({.response = DropStatus(dropped.reason, *dropped.queue->ref(), waited),
                         .dropped = dropped.reason,
                         .stages = {.queue = waited}});
  dropped.request.reset();
}

}  // namespace actium::batching
