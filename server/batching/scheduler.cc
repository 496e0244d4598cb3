#include "server/batching/scheduler.h"

#include <algorithm>
#include <span>
#include <utility>

#include "fmt/format.h"

namespace actium::batching {
namespace {

using observe::TrafficClass;

size_t AccountOf(TrafficClass traffic) { return traffic == TrafficClass::kServing ? 0 : 1; }

size_t IndexOf(TrafficClass traffic) { return static_cast<size_t>(traffic); }

// Whether a worker may give the instance a batch now.
bool TakesABatch(const Instance& instance) { return !instance.driven && !instance.free.empty(); }

// Returns an instance that can take a batch now: of those the one with the most batches free.
Instance* FreeInstance(std::span<const std::unique_ptr<Instance>> instances) {
  Instance* best = nullptr;
  for (const auto& instance : instances) {
    if (!TakesABatch(*instance)) continue;
    if (best == nullptr || instance->free.size() > best->free.size()) best = instance.get();
  }
  return best;
}

absl::Status ClosedError(const observe::ModelRef& model) {
  return absl::FailedPreconditionError(
      fmt::format("model '{}' version {} is being unloaded", model.model, model.version));
}

}  // namespace

void Scheduler::Add(std::shared_ptr<ModelQueue> queue) { queues_.push_back(std::move(queue)); }

absl::Status Scheduler::Enqueue(ModelQueue& queue, std::unique_ptr<PendingRequest>& request,
                                base::TimePoint now, Dropped& dropped) {
  if (queue.closed_) return ClosedError(*queue.ref_);
  const TrafficClass traffic = request->request.traffic;
  RequestQueue& waiting = queue.waiting_[IndexOf(traffic)];
  PendingRequest& pending = *request;
  absl::Status status = waiting.Push(request, now);
  if (!status.ok()) {
    // Under overload each refusal would pay for a pass in vain.
    if (!waiting.MayHoldDead(now)) return status;
    waiting.DropDead(now, dropped);
    status = waiting.Push(request, now);
    if (!status.ok()) return status;
  }
  pending.queue = &queue;
  Count(queue, traffic, 1);
  Activate(queue);
  return absl::OkStatus();
}

absl::Status Scheduler::EnqueueWarmUp(ModelQueue& queue, const std::vector<int>& sizes,
                                      WarmUpProgress& progress, base::TimePoint now) {
  if (queue.closed_) return ClosedError(*queue.ref_);
  if (!WarmUpWaiting()) warm_up_due_ = now + kWarmUpPatience;
  for (const auto& instance : queue.instances_) {
    for (const auto& batch : instance->batches) {
      for (const int rows : sizes) {
        queue.warm_up_.push_back({.batch = batch.get(), .rows = rows, .progress = &progress});
        ++progress.left;
        Count(queue, TrafficClass::kWarmup, 1);
      }
    }
  }
  Activate(queue);
  return absl::OkStatus();
}

void Scheduler::Close(ModelQueue& queue, OnIdle on_idle) {
  queue.closed_ = true;
  queue.on_idle_ = std::move(on_idle);
  CancelWarmUp(queue);
  RetireIfIdle(queue);
}

base::TimePoint Scheduler::Attention(const ModelQueue& queue, TrafficClass traffic,
                                     base::TimePoint now) const {
  const RequestQueue& waiting = queue.waiting_[IndexOf(traffic)];
  if (FreeInstance(queue.instances_) == nullptr) return waiting.next_expiry();
  if (traffic != TrafficClass::kServing && (background_in_flight_ > 0 || ServingWaiting() > 0)) {
    return waiting.next_expiry();
  }
  if (queue.options_.max_queue_delay <= std::chrono::nanoseconds::zero()) return now;
  const Decision decision = waiting.LookAt(now, queue.closed_).decision;
  if (decision.rows_to_take > 0) return now;
  return std::min(decision.wake_at, waiting.next_expiry());
}

Batch* Scheduler::Pick(base::TimePoint now, int idle_workers, Dropped& dropped) {
  DropExpired(now, dropped);
  DeactivateEmpty();
  // More than one turn only where all requests that were chosen turned out to be cancelled.
  while (true) {
    const Choice choice = Choose(now, idle_workers);
    if (choice.queue == nullptr) return nullptr;
    ModelQueue& queue = *choice.queue;
    Batch* const batch = choice.warm_up ? TakeWarmUp(queue) : TakeRequests(choice, now, dropped);
    if (batch == nullptr) continue;
    batch->traffic = choice.traffic;
    Begin(*batch, queue, now);
    return batch;
  }
}

base::TimePoint Scheduler::NextLook(base::TimePoint now) const {
  base::TimePoint next = Choose(now, 1).wake_at;
  for (const ModelQueue* queue : active_) {
    for (const RequestQueue& waiting : queue->waiting_) {
      next = std::min(next, waiting.next_expiry());
    }
  }
  return next;
}

void Scheduler::Started(ModelQueue& queue, Instance& instance) {
  instance.driven = false;
  RetireIfIdle(queue);
}

void Scheduler::Ended(Batch& batch, bool driven, int requests, base::TimePoint now) {
  ModelQueue& queue = *batch.queue;
  ModelQueue::Account& account = queue.accounts_[AccountOf(batch.traffic)];
  if (batch.status.ok()) queue.LearnFrom(batch);
  // A run that failed may have taken no compute time, but it did take the worker.
  const std::chrono::nanoseconds took =
      batch.stages.compute.count() > 0 ? batch.stages.compute : now - batch.taken;
  account.received += took - batch.charged;
  // One eighth of the new: a single slow batch does not starve its queue.
  account.typical =
      account.typical.count() == 0 ? took : account.typical + (took - account.typical) / 8;

  if (driven) batch.instance->driven = false;
  batch.instance->free.push_back(&batch);
  std::erase(in_flight_, &batch);
  if (batch.traffic != TrafficClass::kServing) --background_in_flight_;
  if (batch.warm_up != nullptr) {
    WarmUpProgress& progress = *batch.warm_up;
    if (progress.failure.ok()) progress.failure = std::move(batch.status);
    --progress.left;
    batch.warm_up = nullptr;
    requests = 1;
    warm_up_due_ = now + kWarmUpPatience;
  }
  Answered(queue, batch.traffic, requests);
}

void Scheduler::Answered(ModelQueue& queue, TrafficClass traffic, int requests) {
  queue.accounts_[AccountOf(traffic)].unanswered -= requests;
  RetireIfIdle(queue);
}

std::vector<IdleQueue> Scheduler::TakeIdle() { return std::exchange(idle_, {}); }

void Scheduler::DropAll(Dropped& dropped) {
  for (const auto& queue : queues_) {
    for (RequestQueue& waiting : queue->waiting_) waiting.DropAll(dropped);
    CancelWarmUp(*queue);
  }
}

int Scheduler::Waiting(const ModelQueue& queue) {
  return queue.waiting_[IndexOf(TrafficClass::kServing)].size();
}

int Scheduler::FullRows(const ModelQueue& queue) {
  return queue.waiting_[IndexOf(TrafficClass::kServing)].full_rows();
}

base::TimePoint Scheduler::oldest_in_flight() const {
  base::TimePoint oldest = base::TimePoint::max();
  for (const Batch* batch : in_flight_) oldest = std::min(oldest, batch->taken);
  return oldest;
}

Scheduler::Choice Scheduler::Choose(base::TimePoint now, int idle_workers) const {
  Choice choice;
  const bool background_free = background_in_flight_ == 0;
  if (background_free && now >= warm_up_due_) ChooseWarmUp(choice);
  if (choice.queue == nullptr) ChooseRequests(TrafficClass::kServing, now, idle_workers, choice);
  if (choice.queue != nullptr || !background_free) return choice;

  if (ServingWaiting() == 0) {
    for (const TrafficClass traffic :
         {TrafficClass::kComparison, TrafficClass::kShadow, TrafficClass::kWarmup}) {
      ChooseRequests(traffic, now, 1, choice);
      if (choice.queue != nullptr) return choice;
    }
    ChooseWarmUp(choice);
  } else {
    Choice later;
    ChooseWarmUp(later);
    if (later.queue != nullptr) choice.wake_at = std::min(choice.wake_at, warm_up_due_);
  }
  return choice;
}

void Scheduler::ChooseRequests(TrafficClass traffic, base::TimePoint now, int idle_workers,
                               Choice& choice) const {
  const size_t account = AccountOf(traffic);
  for (ModelQueue* queue : active_) {
    const RequestQueue& waiting = queue->waiting_[IndexOf(traffic)];
    if (waiting.size() == 0 || FreeInstance(queue->instances_) == nullptr) continue;
    if (choice.queue != nullptr &&
        queue->accounts_[account].received >= choice.queue->accounts_[account].received) {
      continue;
    }
    const RequestQueue::Look look =
        waiting.LookAt(now, queue->closed_, Sharers(*queue, idle_workers));
    if (look.decision.rows_to_take > 0) {
      choice = {.queue = queue, .traffic = traffic, .look = look};
    } else {
      choice.wake_at = std::min(choice.wake_at, look.decision.wake_at);
    }
  }
}

// How many of the idle workers would start a batch of this queue now.
int Scheduler::Sharers(const ModelQueue& queue, int idle_workers) const {
  const auto others = static_cast<int>(active_.size()) - 1;
  const auto free = std::count_if(queue.instances_.begin(), queue.instances_.end(),
                                  [](const auto& instance) { return TakesABatch(*instance); });
  return std::clamp(idle_workers - others, 1, std::max(1, static_cast<int>(free)));
}

void Scheduler::ChooseWarmUp(Choice& choice) const {
  for (ModelQueue* queue : active_) {
    if (queue->warm_up_.empty()) continue;
    Batch* const batch = queue->warm_up_.front().batch;
    const Instance& instance = *batch->instance;
    if (instance.driven || std::ranges::count(instance.free, batch) == 0) continue;
    choice = {.queue = queue, .traffic = TrafficClass::kWarmup, .warm_up = true};
    return;
  }
}

int Scheduler::ServingWaiting() const {
  int waiting = 0;
  for (const ModelQueue* queue : active_) {
    waiting += queue->waiting_[IndexOf(TrafficClass::kServing)].size();
  }
  return waiting;
}

Batch* Scheduler::TakeRequests(const Choice& choice, base::TimePoint now, Dropped& dropped) {
  ModelQueue& queue = *choice.queue;
  Batch* const batch = FreeInstance(queue.instances_)->free.back();
  RequestQueue& waiting = queue.waiting_[IndexOf(choice.traffic)];
  batch->rows = waiting.Take(choice.look, now, batch->requests, dropped);
  if (batch->requests.empty()) return nullptr;
  batch->executed_rows = engine::PlannedRows(queue.model_->batch_sizes(), batch->rows);
  batch->closed = choice.look.decision.closed;
  batch->stages.queue = now - batch->requests.front()->enqueued;
  return batch;
}

bool Scheduler::WarmUpWaiting() const {
  return std::any_of(active_.begin(), active_.end(),
                     [](const ModelQueue* queue) { return !queue->warm_up_.empty(); });
}

void Scheduler::CancelWarmUp(ModelQueue& queue) {
  for (const WarmUpRun& run : queue.warm_up_) {
    if (run.progress->failure.ok()) run.progress->failure = ClosedError(*queue.ref_);
    --run.progress->left;
  }
  queue.accounts_[AccountOf(TrafficClass::kWarmup)].unanswered -=
      static_cast<int>(queue.warm_up_.size());
  queue.warm_up_.clear();
}

Batch* Scheduler::TakeWarmUp(ModelQueue& queue) {
  const WarmUpRun run = queue.warm_up_.front();
  queue.warm_up_.pop_front();
  Batch* const batch = run.batch;
  batch->warm_up = run.progress;
  batch->rows = 0;
  batch->executed_rows = run.rows;
  batch->stages.queue = {};
  return batch;
}

void Scheduler::Begin(Batch& batch, ModelQueue& queue, base::TimePoint now) {
  batch.taken = now;
  std::erase(batch.instance->free, &batch);
  batch.instance->driven = true;
  in_flight_.push_back(&batch);
  const size_t index = AccountOf(batch.traffic);
  ModelQueue::Account& account = queue.accounts_[index];
  floor_[index] = std::max(floor_[index], account.received);
  batch.charged = account.typical;
  account.received += account.typical;
  if (batch.traffic != TrafficClass::kServing) ++background_in_flight_;
}

void Scheduler::DropExpired(base::TimePoint now, Dropped& dropped) {
  for (ModelQueue* queue : active_) {
    for (RequestQueue& waiting : queue->waiting_) {
      if (waiting.next_expiry() <= now) waiting.DropDead(now, dropped);
    }
  }
}

void Scheduler::Count(ModelQueue& queue, TrafficClass traffic, int requests) {
  const size_t index = AccountOf(traffic);
  ModelQueue::Account& account = queue.accounts_[index];
  if (account.unanswered == 0) account.received = std::max(account.received, floor_[index]);
  account.unanswered += requests;
}

void Scheduler::Activate(ModelQueue& queue) {
  if (queue.active_) return;
  queue.active_ = true;
  active_.push_back(&queue);
}

void Scheduler::DeactivateEmpty() {
  std::erase_if(active_, [](ModelQueue* queue) {
    const bool empty = queue->warm_up_.empty() &&
                       std::all_of(queue->waiting_.begin(), queue->waiting_.end(),
                                   [](const RequestQueue& waiting) { return waiting.size() == 0; });
    if (empty) queue->active_ = false;
    return empty;
  });
}

void Scheduler::RetireIfIdle(ModelQueue& queue) {
  if (!queue.closed_) return;
  for (const ModelQueue::Account& account : queue.accounts_) {
    if (account.unanswered > 0) return;
  }
  // A worker may still be inside Start() of a batch that another worker has ended.
  for (const auto& instance : queue.instances_) {
    if (instance->driven) return;
  }
  const auto found = std::find_if(queues_.begin(), queues_.end(),
                                  [&](const auto& other) { return other.get() == &queue; });
  if (found == queues_.end()) return;
  std::erase(active_, &queue);
  IdleQueue idle{.queue = std::move(*found), .on_idle = std::move(queue.on_idle_)};
  queues_.erase(found);
  idle_.push_back(std::move(idle));
}

}  // namespace actium::batching
