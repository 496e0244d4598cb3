// How queues and pools come and go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "server/batching/device_pool.h"
#include "tests/server/batching/pool_fixture.h"
#include "tests/server/batching/test_requests.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using observe::DropReason;
using test::MakeRequest;
using test::StatusIs;
using test::TestRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PoolLifetimeTest : public test::PoolFixture {};

TEST_F(PoolLifetimeTest, RemoveAnswersWhatWasAcceptedAndThenCallsBack) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  TestRequest running = Submit(queue, MakeRequest(1, 1));
  gate_.AwaitArrivals(1);
  TestRequest waiting = Submit(queue, MakeRequest(1, 2));
  std::promise<void> idle;
  std::atomic<bool> called = false;
  pool_->Remove(queue, [&] {
    called = true;
    idle.set_value();
  });
  TestRequest late = MakeRequest(1, 3);
  EXPECT_THAT(pool_->Submit(queue, late.pending),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("being unloaded")));
  EXPECT_FALSE(called);
  gate_.Open();
  ExpectOwnAnswer(running);
  ExpectOwnAnswer(waiting);
  idle.get_future().wait();
}

TEST_F(PoolLifetimeTest, RemovingAnIdleQueueCallsBackAtOnceAndFreesTheModel) {
  StartPool(2);
  auto queue = TryAdd({});
  ACTIUM_ASSERT_OK(queue);
  std::weak_ptr<ModelQueue> watch = *queue;
  bool called = false;
  pool_->Remove(**queue, [&] { called = true; });
  EXPECT_TRUE(called);
  queue = absl::UnknownError("let go");
  EXPECT_TRUE(watch.expired());
}

TEST_F(PoolLifetimeTest, RemoveEndsADelay) {
  StartPool(1);
  ModelQueue& queue =
      Add({}, {.preferred_batch_sizes = {}, .max_queue_delay = std::chrono::hours(1)});
  TestRequest made = Submit(queue);
  std::promise<void> idle;
  pool_->Remove(queue, [&] { idle.set_value(); });
  ExpectOwnAnswer(made);
  idle.get_future().wait();
}

TEST_F(PoolLifetimeTest, DestructionAnswersWhatWaitsAndFinishesWhatRuns) {
  StartPool(1);
  TestRequest running = MakeRequest(1, 1);
  TestRequest waiting = MakeRequest(1, 2);
  {
    ModelQueue& queue = Add(Gated());
    running = Submit(queue, std::move(running));
    gate_.AwaitArrivals(1);
    waiting = Submit(queue, std::move(waiting));
  }
  // Opened by the answer to the request that waits: destruction may not wait for the run first.
  std::thread opener([&] {
    const Completion completion = waiting.answer.get();
    EXPECT_THAT(completion.response,
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("shuts down")));
    EXPECT_EQ(completion.dropped, DropReason::kUnloaded);
    gate_.Open();
  });
  pool_.reset();
  opener.join();
  ExpectOwnAnswer(running);
}

TEST_F(PoolLifetimeTest, DestructionWaitsForRunsOnOtherThreads) {
  StartPool(2);
  test::FakeBehaviour behaviour = Gated();
  behaviour.max_in_flight = 2;
  ModelQueue& queue = Add(std::move(behaviour));
  TestRequest running = Submit(queue, MakeRequest(8, 1));
  gate_.AwaitArrivals(1);
  std::thread opener([&] { gate_.Open(); });
  pool_.reset();
  opener.join();
  ExpectOwnAnswer(running, 8);
}

TEST_F(PoolLifetimeTest, WarmUpRunsZerosThroughEveryInstanceAtEverySize) {
  StartPool(2);
  base::Mutex mutex;
  std::multiset<int64_t> rows;
  ModelQueue& queue = Add({.batch_sizes = {1, 4, 8}, .on_run = [&](auto inputs) {
                             EXPECT_THAT(inputs[0].bytes, ::testing::Each(std::byte{0}));
                             base::MutexLock lock(mutex);
                             rows.insert(inputs[0].shape[0]);
                             return absl::OkStatus();
                           }});
  ACTIUM_ASSERT_OK(pool_->WarmUp(queue));
  EXPECT_THAT(rows, ElementsAre(1, 1, 4, 4, 8, 8));
  EXPECT_THAT(batches_.batches(), ::testing::IsEmpty()) << "nobody's requests";
}

// Plans, graphs and buffers may belong to a slot.
TEST_F(PoolLifetimeTest, WarmUpRunsEverySlotOfAnInstanceThatMayHaveSeveralInFlight) {
  StartPool(2);
  base::Mutex mutex;
  std::multiset<int64_t> rows;
  std::set<const std::byte*> slots;  // By where they have the largest batch, after which they rest.
  const auto note = [&](std::span<const tensor::TensorView> inputs) {
    base::MutexLock lock(mutex);
    rows.insert(inputs[0].shape[0]);
    if (inputs[0].shape[0] == 8) slots.insert(inputs[0].bytes.data());
    return absl::OkStatus();
  };
  ModelQueue& queue = Add({.batch_sizes = {1, 8}, .on_run = note, .max_in_flight = 2},
                          {.preferred_batch_sizes = {}, .instances = 1});
  ACTIUM_ASSERT_OK(pool_->WarmUp(queue));
  EXPECT_THAT(rows, ElementsAre(1, 1, 8, 8));
  EXPECT_EQ(slots.size(), 2u);
}

TEST_F(PoolLifetimeTest, WarmUpWithoutPlansRunsTheSmallestAndTheLargestBatch) {
  StartPool(1);
  std::vector<int64_t> rows;
  ModelQueue& queue = Add({.on_run = [&](auto inputs) {
    rows.push_back(inputs[0].shape[0]);
    return absl::OkStatus();
  }});
  ACTIUM_ASSERT_OK(pool_->WarmUp(queue));
  EXPECT_THAT(rows, ElementsAre(1, 8));
}

TEST_F(PoolLifetimeTest, WarmUpTellsWhatFailed) {
  StartPool(1);
  ModelQueue& queue = Add({.on_run = [](auto) { return absl::InternalError("broken"); }});
  EXPECT_THAT(pool_->WarmUp(queue),
              StatusIs(absl::StatusCode::kInternal, "running model 'fake' version 3: broken"));
}

TEST_F(PoolLifetimeTest, WarmUpOfARemovedQueueIsRefused) {
  StartPool(1);
  auto queue = TryAdd({});
  ACTIUM_ASSERT_OK(queue);
  pool_->Remove(**queue, [] {});
  EXPECT_THAT(pool_->WarmUp(**queue),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("being unloaded")));
}

TEST_F(PoolLifetimeTest, AddTellsWhyAnExecutorCannotBeMade) {
  StartPool(1);
  EXPECT_THAT(TryAdd({.new_executor = absl::ResourceExhaustedError("no memory")}),
              StatusIs(absl::StatusCode::kResourceExhausted, "no memory"));
}

}  // namespace
}  // namespace actium::batching
