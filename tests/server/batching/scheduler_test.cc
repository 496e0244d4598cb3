#include "server/batching/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "server/base/status_macros.h"
#include "tests/server/batching/test_requests.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using observe::TrafficClass;
using std::chrono::milliseconds;
using test::MakeRequest;
using test::TestRequest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Drives the scheduler step by step, as one or several workers would.
class SchedulerTest : public ::testing::Test {
 protected:
  ModelQueue& AddQueue(const std::string& name, QueueOptions options = {}, int instances = 2,
                       test::FakeBehaviour behaviour = {}, int max_batch_size = 4) {
    auto model = std::make_shared<test::FakeModel>(test::SmallSignature(max_batch_size),
                                                   std::move(behaviour));
    auto ref = std::make_shared<observe::ModelRef>();
    ref->model = name;
    ref->version = 1;
    auto queue = ModelQueue::Make(model, ref, options, {}, instances, 1);
    ACTIUM_CHECK(queue.ok());
    scheduler_.Add(*queue);
    return **queue;
  }

  absl::Status TryEnqueue(ModelQueue& queue, TrafficClass traffic = TrafficClass::kServing,
                          int rows = 1, base::TimePoint deadline = base::TimePoint::max()) {
    TestRequest made = MakeRequest(rows, 1);
    made.pending->request.traffic = traffic;
    made.pending->request.deadline = deadline;
    return scheduler_.Enqueue(queue, made.pending, clock_.Now(), dropped_);
  }

  void Enqueue(ModelQueue& queue, TrafficClass traffic = TrafficClass::kServing, int rows = 1) {
    ACTIUM_ASSERT_OK(TryEnqueue(queue, traffic, rows));
  }

  Batch* Pick() { return scheduler_.Pick(clock_.Now(), idle_workers_, dropped_); }

  // Takes the next batch and returns whose it is; "" if there is none.
  std::string PickName() {
    Batch* batch = Pick();
    if (batch == nullptr) return "";
    picked_.push_back(batch);
    return batch->queue->ref()->model;
  }

  void End(Batch& batch, std::chrono::nanoseconds compute) {
    batch.stages.compute = compute;
    const int requests = static_cast<int>(batch.requests.size());
    batch.requests.clear();
    scheduler_.Ended(batch, true, requests, clock_.Now());
  }

  void EndAll(std::chrono::nanoseconds compute = milliseconds(1)) {
    for (Batch* batch : std::exchange(picked_, {})) End(*batch, compute);
  }

  test::FakeClock clock_;
  Scheduler scheduler_;
  int idle_workers_ = 1;
  Scheduler::Dropped dropped_;
  std::vector<Batch*> picked_;
};

TEST_F(SchedulerTest, TakesABatchOfWhatWaits) {
  ModelQueue& queue = AddQueue("a");
  Enqueue(queue);
  Enqueue(queue, TrafficClass::kServing, 2);
  Batch* batch = Pick();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->requests.size(), 2u);
  EXPECT_EQ(batch->rows, 3);
  EXPECT_EQ(batch->executed_rows, 3);
  EXPECT_EQ(batch->closed, observe::CloseReason::kWorkerFree);
  EXPECT_EQ(Pick(), nullptr);
}

TEST_F(SchedulerTest, IdleWorkersShareWhatWaits) {
  ModelQueue& queue = AddQueue("a", {}, 2);
  for (int i = 0; i < 3; ++i) Enqueue(queue);
  idle_workers_ = 3;
  EXPECT_EQ(Pick()->rows, 2) << "there are two instances";
  Enqueue(queue);
  idle_workers_ = 2;
  EXPECT_EQ(Pick()->rows, 2) << "the other instance is taken";
}

TEST_F(SchedulerTest, AWorkerThatAnotherQueueWantsTakesNoShare) {
  ModelQueue& queue = AddQueue("a", {}, 2);
  ModelQueue& other = AddQueue("b", {}, 2);
  for (int i = 0; i < 3; ++i) Enqueue(queue);
  Enqueue(other);
  idle_workers_ = 2;
  EXPECT_EQ(Pick()->rows, 3);
  EXPECT_EQ(Pick()->rows, 1);
}

TEST_F(SchedulerTest, PadsToThePlannedSize) {
  ModelQueue& queue = AddQueue("a", {}, 1, {.batch_sizes = {1, 4}});
  Enqueue(queue, TrafficClass::kServing, 2);
  EXPECT_EQ(Pick()->executed_rows, 4);
}

TEST_F(SchedulerTest, NeverRunsMoreThanTheInstancesTake) {
  ModelQueue& queue = AddQueue("a", {}, 1);
  Enqueue(queue, TrafficClass::kServing, 4);
  Enqueue(queue, TrafficClass::kServing, 4);
  EXPECT_EQ(PickName(), "a");
  EXPECT_EQ(PickName(), "");
  EXPECT_FALSE(scheduler_.HasWork(clock_.Now()));
  EndAll();
  EXPECT_EQ(PickName(), "a");
}

TEST_F(SchedulerTest, AnInstanceTakesItsNextBatchOnlyWhenTheWorkerHasLeftIt) {
  ModelQueue& queue = AddQueue("a", {}, 1, {.max_in_flight = 2});
  for (int i = 0; i < 3; ++i) Enqueue(queue, TrafficClass::kServing, 4);
  Batch* first = Pick();
  EXPECT_EQ(Pick(), nullptr);
  scheduler_.Started(queue, *first->instance);
  Batch* second = Pick();
  ASSERT_NE(second, nullptr);
  EXPECT_NE(second, first);
  scheduler_.Started(queue, *second->instance);
  EXPECT_EQ(Pick(), nullptr) << "both slots are in flight";
  first->requests.clear();
  scheduler_.Ended(*first, false, 1, clock_.Now());
  EXPECT_EQ(Pick(), first);
}

TEST_F(SchedulerTest, TheQueueWithTheLeastComputeTimeGoesFirst) {
  ModelQueue& slow = AddQueue("slow");
  ModelQueue& fast = AddQueue("fast");
  std::map<std::string, int> batches;
  for (int i = 0; i < 220; ++i) {
    Enqueue(slow, TrafficClass::kServing, 4);
    Enqueue(fast, TrafficClass::kServing, 4);
    const std::string name = PickName();
    ++batches[name];
    EndAll(name == "slow" ? milliseconds(10) : milliseconds(1));
  }
  // Equal shares of time: ten fast batches for one slow one.
  EXPECT_NEAR(batches["slow"], 20, 2);
  EXPECT_NEAR(batches["fast"], 200, 2);
}

TEST_F(SchedulerTest, ABatchInFlightIsChargedBeforeItEnds) {
  ModelQueue& slow = AddQueue("slow");
  ModelQueue& fast = AddQueue("fast");
  Enqueue(slow);
  Enqueue(fast);
  EXPECT_EQ(PickName(), "slow");
  EndAll(milliseconds(10));
  EXPECT_EQ(PickName(), "fast");
  EndAll(milliseconds(11));
  Enqueue(slow, TrafficClass::kServing, 4);
  Enqueue(slow, TrafficClass::kServing, 4);
  Enqueue(fast, TrafficClass::kServing, 4);
  EXPECT_EQ(PickName(), "slow");
  EXPECT_EQ(PickName(), "fast") << "the second worker knows what the first has been given";
}

TEST_F(SchedulerTest, AQueueThatWasIdleNeitherHoardsNorPays) {
  ModelQueue& busy = AddQueue("busy");
  ModelQueue& idle = AddQueue("idle");
  for (int i = 0; i < 100; ++i) {
    Enqueue(busy);
    PickName();
    EndAll(milliseconds(10));
  }
  // It has received nothing for a second, and now gets one half, not all.
  std::map<std::string, int> batches;
  for (int i = 0; i < 20; ++i) {
    Enqueue(busy, TrafficClass::kServing, 4);
    Enqueue(idle, TrafficClass::kServing, 4);
    ++batches[PickName()];
    EndAll(milliseconds(10));
  }
  EXPECT_NEAR(batches["busy"], 10, 1);
  EXPECT_NEAR(batches["idle"], 10, 1);
}

TEST_F(SchedulerTest, RunsThatFailAtOnceAreNotFree) {
  ModelQueue& failing = AddQueue("failing");
  ModelQueue& good = AddQueue("good");
  std::map<std::string, int> batches;
  for (int i = 0; i < 20; ++i) {
    Enqueue(failing, TrafficClass::kServing, 4);
    Enqueue(good, TrafficClass::kServing, 4);
    const std::string name = PickName();
    ++batches[name];
    clock_.Advance(milliseconds(1));
    EndAll(name == "good" ? milliseconds(1) : milliseconds(0));
  }
  EXPECT_GE(batches["good"], 9);
}

TEST_F(SchedulerTest, OtherTrafficWaitsWhileServingRequestsWait) {
  ModelQueue& a = AddQueue("a", {}, 1);
  ModelQueue& b = AddQueue("b");
  Enqueue(a, TrafficClass::kServing, 4);
  Enqueue(a, TrafficClass::kServing, 4);
  Enqueue(b, TrafficClass::kShadow);
  Enqueue(b, TrafficClass::kComparison);
  EXPECT_EQ(PickName(), "a");
  EXPECT_EQ(PickName(), "") << "a request of 'a' waits for the instance";
  EndAll();
  EXPECT_EQ(PickName(), "a");
  Batch* next = Pick();
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->traffic, TrafficClass::kComparison);
}

TEST_F(SchedulerTest, OtherTrafficGetsOneWorkerAtMost) {
  ModelQueue& a = AddQueue("a");
  ModelQueue& b = AddQueue("b");
  Enqueue(a, TrafficClass::kComparison);
  Enqueue(b, TrafficClass::kComparison);
  Enqueue(b, TrafficClass::kShadow);
  EXPECT_NE(PickName(), "");
  EXPECT_EQ(PickName(), "");
  EXPECT_FALSE(scheduler_.HasWork(clock_.Now()));
  Enqueue(a);
  EXPECT_EQ(PickName(), "a") << "serving traffic gets the other worker";
}

TEST_F(SchedulerTest, ABatchNeverMixesClasses) {
  ModelQueue& a = AddQueue("a");
  Enqueue(a, TrafficClass::kServing);
  Enqueue(a, TrafficClass::kShadow);
  Enqueue(a, TrafficClass::kComparison);
  std::vector<TrafficClass> classes;
  while (Batch* batch = Pick()) {
    EXPECT_EQ(batch->requests.size(), 1u);
    classes.push_back(batch->traffic);
    End(*batch, milliseconds(1));
  }
  EXPECT_THAT(classes, ElementsAre(TrafficClass::kServing, TrafficClass::kComparison,
                                   TrafficClass::kShadow));
}

TEST_F(SchedulerTest, ComparisonCostsAModelsServingNothing) {
  ModelQueue& compared = AddQueue("compared");
  ModelQueue& other = AddQueue("other");
  for (int i = 0; i < 10; ++i) {
    Enqueue(compared, TrafficClass::kComparison);
    PickName();
    EndAll(milliseconds(100));
  }
  std::map<std::string, int> batches;
  for (int i = 0; i < 20; ++i) {
    Enqueue(compared, TrafficClass::kServing, 4);
    Enqueue(other, TrafficClass::kServing, 4);
    ++batches[PickName()];
    EndAll(milliseconds(1));
  }
  EXPECT_NEAR(batches["compared"], 10, 1);
}

TEST_F(SchedulerTest, AFullQueueOfOneClassRefusesNoOther) {
  ModelQueue& a = AddQueue("a", {.preferred_batch_sizes = {}, .max_queue_size = 1});
  Enqueue(a, TrafficClass::kComparison);
  EXPECT_THAT(TryEnqueue(a, TrafficClass::kComparison),
              test::StatusIs(absl::StatusCode::kUnavailable,
                             "queue full: 1 requests wait, "
                             "max_queue_size is 1"));
  Enqueue(a, TrafficClass::kServing);
}

TEST_F(SchedulerTest, ExpiredRequestsMakeRoomInAFullQueue) {
  ModelQueue& a = AddQueue("a", {.preferred_batch_sizes = {}, .max_queue_size = 1}, 1);
  ACTIUM_ASSERT_OK(TryEnqueue(a, TrafficClass::kServing, 1, clock_.Now() + milliseconds(1)));
  clock_.Advance(milliseconds(1));
  Enqueue(a);
  ASSERT_EQ(dropped_.size(), 1u);
  EXPECT_EQ(dropped_[0].reason, observe::DropReason::kExpired);
  EXPECT_EQ(dropped_[0].queue, &a);
}

TEST_F(SchedulerTest, CancelledRequestsMakeRoomInAFullQueue) {
  ModelQueue& a = AddQueue("a", {.preferred_batch_sizes = {}, .max_queue_size = 1}, 1);
  TestRequest made = MakeRequest(1, 1);
  ACTIUM_ASSERT_OK(scheduler_.Enqueue(a, made.pending, clock_.Now(), dropped_));
  EXPECT_THAT(TryEnqueue(a),
              test::StatusIs(absl::StatusCode::kUnavailable, ::testing::HasSubstr("queue full")));
  made.cancellation->Cancel();
  EXPECT_THAT(TryEnqueue(a),
              test::StatusIs(absl::StatusCode::kUnavailable, ::testing::HasSubstr("queue full")))
      << "just looked through";
  clock_.Advance(milliseconds(11));
  Enqueue(a);
  ASSERT_EQ(dropped_.size(), 1u);
  EXPECT_EQ(dropped_[0].reason, observe::DropReason::kCancelled);
}

TEST_F(SchedulerTest, KnowsWhenToLookAgain) {
  ModelQueue& delayed =
      AddQueue("delayed", {.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(5)});
  EXPECT_EQ(scheduler_.NextLook(clock_.Now()), base::TimePoint::max());
  Enqueue(delayed);
  const base::TimePoint due = clock_.Now() + milliseconds(5);
  EXPECT_EQ(Pick(), nullptr);
  EXPECT_EQ(scheduler_.NextLook(clock_.Now()), due);
  EXPECT_EQ(scheduler_.Attention(delayed, TrafficClass::kServing, clock_.Now()), due);
  ACTIUM_ASSERT_OK(TryEnqueue(delayed, TrafficClass::kServing, 1, clock_.Now() + milliseconds(2)));
  EXPECT_EQ(scheduler_.NextLook(clock_.Now()), clock_.Now() + milliseconds(2));
  clock_.Advance(milliseconds(2));
  EXPECT_EQ(Pick(), nullptr);
  EXPECT_EQ(dropped_.size(), 1u);
  EXPECT_EQ(scheduler_.NextLook(clock_.Now()), due);
  clock_.Advance(milliseconds(3));
  EXPECT_EQ(PickName(), "delayed");
}

TEST_F(SchedulerTest, ADelayedQueueDoesNotKeepWorkersFromOthers) {
  ModelQueue& delayed =
      AddQueue("delayed", {.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(5)});
  ModelQueue& prompt = AddQueue("prompt");
  Enqueue(delayed);
  Enqueue(prompt);
  EXPECT_EQ(PickName(), "prompt");
  EXPECT_EQ(PickName(), "");
}

TEST_F(SchedulerTest, AClosedQueueEndsItsWorkAndThenLeaves) {
  ModelQueue& a = AddQueue("a", {.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(5)});
  Enqueue(a);
  bool idle = false;
  scheduler_.Close(a, [&] { idle = true; });
  EXPECT_THAT(TryEnqueue(a), test::StatusIs(absl::StatusCode::kFailedPrecondition,
                                            "model 'a' version 1 is being unloaded"));
  EXPECT_THAT(scheduler_.TakeIdle(), IsEmpty());
  EXPECT_EQ(PickName(), "a") << "no delay any more";
  EXPECT_THAT(scheduler_.TakeIdle(), IsEmpty());
  EndAll();
  auto left = scheduler_.TakeIdle();
  ASSERT_EQ(left.size(), 1u);
  left[0].on_idle();
  EXPECT_TRUE(idle);
}

TEST_F(SchedulerTest, AClosedQueueStaysWhileDroppedRequestsAreUnanswered) {
  ModelQueue& a = AddQueue("a");
  ACTIUM_ASSERT_OK(TryEnqueue(a, TrafficClass::kServing, 1, clock_.Now() + milliseconds(1)));
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Pick(), nullptr);
  scheduler_.Close(a, [] {});
  EXPECT_THAT(scheduler_.TakeIdle(), IsEmpty());
  scheduler_.Answered(a, TrafficClass::kServing, 1);
  EXPECT_EQ(scheduler_.TakeIdle().size(), 1u);
}

TEST_F(SchedulerTest, AClosedQueueStaysWhileAWorkerIsInItsExecutor) {
  ModelQueue& a = AddQueue("a", {}, 1, {.max_in_flight = 2});
  Enqueue(a);
  Batch* batch = Pick();
  scheduler_.Close(a, [] {});
  batch->requests.clear();
  Instance& instance = *batch->instance;
  scheduler_.Ended(*batch, false, 1, clock_.Now());  // By another worker.
  EXPECT_THAT(scheduler_.TakeIdle(), IsEmpty());
  scheduler_.Started(a, instance);
  EXPECT_EQ(scheduler_.TakeIdle().size(), 1u);
}

TEST_F(SchedulerTest, WarmUpRunsEveryInstanceAtEverySizeOneAtATime) {
  ModelQueue& a = AddQueue("a");
  WarmUpProgress progress;
  ACTIUM_ASSERT_OK(scheduler_.EnqueueWarmUp(a, {1, 4}, progress, clock_.Now()));
  std::vector<std::pair<Instance*, int>> runs;
  while (Batch* batch = Pick()) {
    EXPECT_EQ(batch->warm_up, &progress);
    EXPECT_EQ(Pick(), nullptr);
    runs.emplace_back(batch->instance, batch->executed_rows);
    End(*batch, milliseconds(1));
  }
  EXPECT_EQ(runs.size(), 4u);
  EXPECT_EQ(progress.left, 0);
  ACTIUM_EXPECT_OK(progress.failure);
}

TEST_F(SchedulerTest, WarmUpShowsWhereABatchIsFull) {
  ModelQueue& a = AddQueue("a", {}, 1, {}, 64);
  EXPECT_EQ(Scheduler::FullRows(a), 64);
  WarmUpProgress progress;
  ACTIUM_ASSERT_OK(scheduler_.EnqueueWarmUp(a, {1, 8, 16, 64}, progress, clock_.Now()));
  const auto fixed_cost_and_rows = [](int rows) { return milliseconds(20 + 10 * rows); };
  while (Batch* batch = Pick()) End(*batch, fixed_cost_and_rows(batch->executed_rows));
  EXPECT_EQ(Scheduler::FullRows(a), 16);
  for (int i = 0; i < 20; ++i) Enqueue(a);
  EXPECT_EQ(Pick()->rows, 16);
}

TEST_F(SchedulerTest, ServedBatchesCorrectWhatAWarmUpOnABusyMachineShowed) {
  ModelQueue& a = AddQueue("a", {}, 1, {}, 64);
  WarmUpProgress progress;
  ACTIUM_ASSERT_OK(scheduler_.EnqueueWarmUp(a, {8, 64}, progress, clock_.Now()));
  End(*Pick(), milliseconds(160));
  End(*Pick(), milliseconds(640));
  EXPECT_EQ(Scheduler::FullRows(a), 64);
  for (int i = 0; i < 8; ++i) Enqueue(a);
  End(*Pick(), milliseconds(80));
  EXPECT_EQ(Scheduler::FullRows(a), 8);
}

TEST_F(SchedulerTest, WithoutWarmUpABatchMayGrow) {
  ModelQueue& a = AddQueue("a", {}, 1, {}, 64);
  Enqueue(a);
  End(*Pick(), milliseconds(1));
  EXPECT_EQ(Scheduler::FullRows(a), 64);
}

TEST_F(SchedulerTest, WarmUpGivesWayToServingButNotForEver) {
  ModelQueue& a = AddQueue("a");
  ModelQueue& loading = AddQueue("loading");
  WarmUpProgress progress;
  ACTIUM_ASSERT_OK(scheduler_.EnqueueWarmUp(loading, {1, 4}, progress, clock_.Now()));
  const auto next = [&] {
    Enqueue(a, TrafficClass::kServing, 4);
    Enqueue(a, TrafficClass::kServing, 4);
    const std::string name = PickName();
    EndAll();
    return name;
  };
  EXPECT_EQ(next(), "a");
  clock_.Advance(kWarmUpPatience);
  EXPECT_EQ(next(), "loading");
  EXPECT_EQ(next(), "a") << "one run each time that its patience has ended";
  clock_.Advance(kWarmUpPatience);
  EXPECT_EQ(next(), "loading");
}

TEST_F(SchedulerTest, ClosingGivesUpWarmUpRuns) {
  ModelQueue& a = AddQueue("a");
  WarmUpProgress progress;
  ACTIUM_ASSERT_OK(scheduler_.EnqueueWarmUp(a, {1, 4}, progress, clock_.Now()));
  Batch* running = Pick();
  scheduler_.Close(a, [] {});
  EXPECT_EQ(progress.left, 1);
  EXPECT_FALSE(progress.failure.ok());
  End(*running, milliseconds(1));
  EXPECT_EQ(progress.left, 0);
  EXPECT_EQ(scheduler_.TakeIdle().size(), 1u);
}

}  // namespace
}  // namespace actium::batching
