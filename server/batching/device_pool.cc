#include "server/batching/device_pool.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace actium::batching {
namespace {

std::vector<int> WarmUpSizes(const engine::LoadedModel& model) {
  const auto planned = model.batch_sizes();
  if (!planned.empty()) return {planned.begin(), planned.end()};
  const int max_batch_size = model.signature().max_batch_size;
  if (max_batch_size <= 1) return {1};
  return {1, max_batch_size};
}

void CallIdle(std::vector<IdleQueue> idle) {
  for (IdleQueue& queue : idle) {
    queue.queue.reset();
    if (queue.on_idle) queue.on_idle();
  }
}

}  // namespace

struct DevicePool::Job {
  std::vector<DroppedRequest> dropped;
  std::vector<IdleQueue> idle;
  Batch* batch = nullptr;
  bool start = false;            // The batch is to be started, else finished; its instance is ours.
  ModelQueue* queue = nullptr;   // The batch's.
  Instance* instance = nullptr;  // The batch's.
  int requests = 0;              // The batch's.
  bool ended = false;            // The worker has finished the batch.

  bool nothing() const { return dropped.empty() && idle.empty() && batch == nullptr; }
};

DevicePool::DevicePool(PoolOptions options, const base::Clock& clock, observe::Recorder& recorder)
    : options_(std::move(options)),
      clock_(clock),
      recorder_(recorder),
      hand_over_([this](Batch& batch) { OnRunEnded(batch); }) {
  threads_.reserve(static_cast<size_t>(options_.workers));
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { Work(); });
}

DevicePool::~DevicePool() {
  std::vector<DroppedRequest> dropped;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    scheduler_.DropAll(dropped);
  }
  AnswerDroppedRequests(dropped);
  leader_wake_.NotifyAll();
  follower_wake_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

absl::StatusOr<std::shared_ptr<ModelQueue>> DevicePool::Add(
    std::shared_ptr<engine::LoadedModel> model, std::shared_ptr<const observe::ModelRef> ref,
    QueueOptions options) {
  const int instances =
      options.instances == 0 ? options_.workers : std::min(options.instances, options_.workers);
  ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<ModelQueue> queue,
                          ModelQueue::Make(std::move(model), std::move(ref), std::move(options),
                                           options_.device, instances, options_.intra_op_threads));
  base::MutexLock lock(mutex_);
  scheduler_.Add(queue);
  return queue;
}

absl::Status DevicePool::WarmUp(ModelQueue& queue) {
  if (!engine::HasFixedInputShapes(queue.signature())) return absl::OkStatus();
  WarmUpProgress progress;
  base::MutexLock lock(mutex_);
  const base::TimePoint now = clock_.Now();
  ACTIUM_RETURN_IF_ERROR(
      scheduler_.EnqueueWarmUp(queue, WarmUpSizes(queue.model()), progress, now));
  if (base::CondVar* wake = ChooseToWake(now, now)) wake->NotifyOne();
  while (progress.left > 0) warm_up_ended_.Wait(mutex_);
  return progress.failure;
}

absl::Status DevicePool::Submit(ModelQueue& queue, std::unique_ptr<PendingRequest>& request) {
  const int most = std::max(1, queue.signature().max_batch_size);
  if (request->rows < 1 || request->rows > most) {
    return absl::InvalidArgumentError(
        fmt::format("rows must be in [1, {}], got {}", most, request->rows));
  }
  std::vector<DroppedRequest> dropped;
  absl::Status status;
  base::CondVar* wake = nullptr;
  {
    base::MutexLock lock(mutex_);
    if (stopping_) return absl::UnavailableError("the server shuts down");
    const base::TimePoint now = clock_.Now();
    const observe::TrafficClass traffic = request->request.traffic;
    status = scheduler_.Enqueue(queue, request, now, dropped);
    if (status.ok() && (has_leader_ || followers_ > 0)) {
      wake = ChooseToWake(scheduler_.Attention(queue, traffic, now), now);
    }
  }
  // Outside of the lock, or the woken worker would first meet the lock.
  if (wake != nullptr) wake->NotifyOne();
  if (!dropped.empty()) AnswerDroppedRequests(dropped);
  return status;
}

void DevicePool::Remove(ModelQueue& queue, OnIdle on_idle) {
  std::vector<IdleQueue> idle;
  {
    base::MutexLock lock(mutex_);
    scheduler_.Close(queue, std::move(on_idle));
    idle = scheduler_.TakeIdle();
    // What waited for company need not wait any longer.
    const base::TimePoint now = clock_.Now();
    if (base::CondVar* wake = ChooseToWake(now, now)) wake->NotifyOne();
    warm_up_ended_.NotifyAll();
  }
  CallIdle(std::move(idle));
}

int DevicePool::FullRows(const ModelQueue& queue) const {
  base::MutexLock lock(mutex_);
  return Scheduler::FullRows(queue);
}

int DevicePool::Waiting(const ModelQueue& queue) const {
  base::MutexLock lock(mutex_);
  return Scheduler::Waiting(queue);
}

int DevicePool::models() const {
  base::MutexLock lock(mutex_);
  return scheduler_.queues();
}

std::string DevicePool::WhyUnhealthy() const {
  if (abandoned()) return fmt::format("the device has failed; models on it: {}", models());
  if (DeviceFailed()) return "the device has failed; only a restart of the server can help";
  base::MutexLock lock(mutex_);
  const base::TimePoint oldest = scheduler_.oldest_in_flight();
  if (oldest == base::TimePoint::max() || clock_.Now() - oldest <= options_.stuck_after) return "";
  return "a batch is stuck";
}

void DevicePool::Work() {
  mutex_.Lock();
  while (true) {
    Job job = NextJob();
    if (!job.nothing()) {
      mutex_.Unlock();
      Do(job);
      mutex_.Lock();
      Settle(job);
    } else if (stopping_ && scheduler_.in_flight() == 0) {
      break;
    } else {
      WaitForWork();
    }
  }
  mutex_.Unlock();
  // The others wait for the last batch in flight, too.
  leader_wake_.NotifyAll();
  follower_wake_.NotifyAll();
}

DevicePool::Job DevicePool::NextJob() {
  const base::TimePoint now = clock_.Now();
  Job job;
  job.idle = scheduler_.TakeIdle();
  if (!ended_.empty()) {
    job.batch = ended_.front();
    ended_.erase(ended_.begin());
  } else {
    job.batch = scheduler_.Pick(now, Sharers(), job.dropped);
    job.start = job.batch != nullptr;
  }
  if (job.batch != nullptr) {
    job.queue = job.batch->queue;
    job.instance = job.batch->instance;
    job.requests = static_cast<int>(job.batch->requests.size());
  }
  if (!job.nothing()) WakeAnother(now);
  return job;
}

// Workers that may share what waits. A GPU's workers share the GPU, which runs one large batch
// faster than two that halve it.
int DevicePool::Sharers() const {
  if (options_.device.kind != engine::Device::Kind::kCpu) return 1;
  return 1 + followers_ + (has_leader_ ? 1 : 0);
}

void DevicePool::Do(Job& job) {
  if (!job.dropped.empty()) {
    const base::TimePoint now = clock_.Now();
    for (DroppedRequest& dropped : job.dropped) AnswerDropped(dropped, now);
  }
  if (job.batch != nullptr && (!job.start || StartBatch(*job.batch, clock_, hand_over_))) {
    if (job.start && job.instance->batches.size() > 1) LeaveInstance(job);
    Finish(job);
  }
  if (!job.idle.empty()) CallIdle(std::move(job.idle));
}

// Lets another worker start the instance's next batch while this one finishes the last.
void DevicePool::LeaveInstance(Job& job) {
  base::MutexLock lock(mutex_);
  scheduler_.Started(*job.queue, *job.instance);
  job.start = false;
  WakeAnother(clock_.Now());
}

void DevicePool::LogFailure(const absl::Status& status) {
  if (failure_logged_.exchange(true)) return;
  base::log::Error("device_failed", {{"device", engine::Name(options_.device)},
                                     {"error", std::string(status.message())}});
}

void DevicePool::Finish(Job& job) {
  Batch& batch = *job.batch;
  if (!batch.status.ok() && DeviceFailed()) {
    LogFailure(batch.status);
    batch.status = absl::UnavailableError(fmt::format(
        "{} has failed: {}", engine::Name(options_.device), std::string(batch.status.message())));
  }
  FinishBatch(batch, clock_, recorder_);
  job.ended = true;
}

void DevicePool::Settle(const Job& job) {
  SettleDropped(job.dropped);
  if (job.batch == nullptr) return;
  if (!job.ended) {
    scheduler_.Started(*job.queue, *job.instance);
    return;
  }
  const bool warm_up = job.batch->warm_up != nullptr;
  scheduler_.Ended(*job.batch, job.start, job.requests, clock_.Now());
  if (warm_up) warm_up_ended_.NotifyAll();
}

void DevicePool::WaitForWork() {
  if (has_leader_) {
    ++followers_;
    follower_wake_.Wait(mutex_);
    --followers_;
    if (followers_woken_ > 0) --followers_woken_;
    return;
  }
  const base::TimePoint now = clock_.Now();
  has_leader_ = true;
  leader_woken_ = false;
  timer_at_ = scheduler_.NextLook(now);
  // The machine's clock may not be clock_.
  leader_wake_.WaitUntil(mutex_, timer_at_ == base::TimePoint::max()
                                     ? timer_at_
                                     : base::SteadyClock().Now() + (timer_at_ - now));
  has_leader_ = false;
  timer_at_ = base::TimePoint::max();
}

// Called by a worker that is about to be busy: what else may run, or must be looked at later, is
// another one's, if one is idle.
void DevicePool::WakeAnother(base::TimePoint now) {
  if (followers_ == followers_woken_ && (!has_leader_ || leader_woken_)) return;
  const base::TimePoint next = scheduler_.HasWork(now) ? now : scheduler_.NextLook(now);
  if (base::CondVar* wake = ChooseToWake(next, now)) wake->NotifyOne();
}

// Returns what to notify so that an idle worker looks at the queues at `attention`; null if no
// worker is idle, or one will do so anyway.
base::CondVar* DevicePool::ChooseToWake(base::TimePoint attention, base::TimePoint now) {
  if (attention == base::TimePoint::max()) return nullptr;
  const bool at_once = attention <= now;
  if (!at_once && attention >= timer_at_) return nullptr;
  if (followers_ > followers_woken_ && (at_once || !has_leader_)) {
    ++followers_woken_;
    return &follower_wake_;
  }
  if (!has_leader_ || leader_woken_) return nullptr;
  leader_woken_ = true;
  return &leader_wake_;
}

void DevicePool::OnRunEnded(Batch& batch) {
  base::MutexLock lock(mutex_);
  ended_.push_back(&batch);
  const base::TimePoint now = clock_.Now();
  // With the lock held: once it is free, a worker may end the last batch and the pool its life.
  if (base::CondVar* wake = ChooseToWake(now, now)) wake->NotifyOne();
}

void DevicePool::AnswerDroppedRequests(std::vector<DroppedRequest>& dropped) {
  const base::TimePoint now = clock_.Now();
  for (DroppedRequest& request : dropped) AnswerDropped(request, now);
  std::vector<IdleQueue> idle;
  {
    base::MutexLock lock(mutex_);
    SettleDropped(dropped);
    idle = scheduler_.TakeIdle();
  }
  CallIdle(std::move(idle));
}

void DevicePool::SettleDropped(const std::vector<DroppedRequest>& dropped) {
  for (const DroppedRequest& request : dropped) {
    scheduler_.Answered(*request.queue, request.traffic, 1);
  }
}

}  // namespace actium::batching
