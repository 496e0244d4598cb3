#include "server/batching/device_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "server/base/status_macros.h"
#include "tests/server/batching/pool_fixture.h"
#include "tests/server/batching/test_requests.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using observe::CloseReason;
using observe::DropReason;
using observe::TrafficClass;
using std::chrono::milliseconds;
using test::Gate;
using test::MakeRequest;
using test::StatusIs;
using test::TestRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DevicePoolTest : public test::PoolFixture {};

TEST_F(DevicePoolTest, AnswersWithTheRequestsOwnRows) {
  StartPool(1);
  ModelQueue& queue = Add();
  TestRequest made = Submit(queue, MakeRequest(3, 5));
  const Completion completion = ExpectOwnAnswer(made, 3);
  EXPECT_EQ(completion.response->served_by->version, 3);
  EXPECT_THAT(completion.response->parameters, ::testing::IsEmpty());
  EXPECT_THAT(completion.response->outputs[0].shape, ElementsAre(3, 3));
}

TEST_F(DevicePoolTest, BatchesWhatWaitsWhileTheWorkerIsBusy) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  std::vector<TestRequest> requests;
  requests.push_back(Submit(queue, MakeRequest(1, 0)));
  gate_.AwaitArrivals(1);
  for (uint32_t i = 1; i < 8; ++i) requests.push_back(Submit(queue, MakeRequest(1, i)));
  gate_.Open();
  for (TestRequest& request : requests) ExpectOwnAnswer(request);
  const auto batches = batches_.batches();
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].rows, 1);
  EXPECT_EQ(batches[1].rows, 7);
  EXPECT_EQ(batches[1].requests, 7);
  EXPECT_EQ(batches[1].closed, CloseReason::kWorkerFree);
}

TEST_F(DevicePoolTest, PaddingIsZerosAndIsNotAnswered) {
  std::vector<std::byte> seen;
  StartPool(1);
  ModelQueue& queue = Add({.batch_sizes = {1, 4, 8}, .on_run = [&](auto inputs) {
                             seen.assign(inputs[0].bytes.begin(), inputs[0].bytes.end());
                             return absl::OkStatus();
                           }});
  TestRequest warm = Submit(queue, MakeRequest(8, 77));  // Leaves its bytes in the slot.
  ExpectOwnAnswer(warm, 8);
  TestRequest made = Submit(queue, MakeRequest(3, 5));
  ExpectOwnAnswer(made, 3);
  std::vector<std::byte> expected = *made.input;
  expected.resize(24, std::byte{0});
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(batches_.batches()[1].executed_rows, 4);
  EXPECT_EQ(batches_.batches()[1].rows, 3);
}

TEST_F(DevicePoolTest, ModelsWithoutBatchDimensionRunOneRequestAtATime) {
  StartPool(1);
  ModelQueue& queue = Add(Gated(), {}, 0);
  std::vector<TestRequest> requests;
  for (uint32_t i = 0; i < 3; ++i) {
    requests.push_back(Submit(queue, MakeRequest(1, i, {6}, false)));
  }
  gate_.Open();
  for (TestRequest& request : requests) ExpectOwnAnswer(request, 1, 0);
  ASSERT_EQ(batches_.batches().size(), 3u);
  EXPECT_EQ(batches_.batches()[2].closed, CloseReason::kAlone);
}

TEST_F(DevicePoolTest, StagesTellWhereTheTimeWent) {
  StartPool(1);
  ModelQueue& queue = Add({.on_run =
                               [this](auto) {
                                 gate_.Pass();
                                 clock_.Advance(milliseconds(5));
                                 return absl::OkStatus();
                               },
                           .simulated_compute = [](int) { return milliseconds(5); }});
  TestRequest first = Submit(queue, MakeRequest(1, 1));
  gate_.AwaitArrivals(1);
  TestRequest second = Submit(queue, MakeRequest(1, 2));
  gate_.Open();
  EXPECT_EQ(ExpectOwnAnswer(first).stages.queue, milliseconds(0));
  const Completion completion = ExpectOwnAnswer(second);
  EXPECT_EQ(completion.stages.queue, milliseconds(5));
  EXPECT_EQ(completion.stages.compute, milliseconds(5));
  EXPECT_EQ(completion.response->stages.queue, milliseconds(5));
  EXPECT_EQ(batches_.batches()[1].stages.queue, milliseconds(5));
}

TEST_F(DevicePoolTest, AFailedRunFailsItsRequestsAndNoLaterOnes) {
  std::atomic<bool> failing = true;
  StartPool(1);
  ModelQueue& queue = Add({.on_run = [&](auto) {
    return failing ? absl::ResourceExhaustedError("out of memory") : absl::OkStatus();
  }});
  TestRequest made = Submit(queue);
  EXPECT_THAT(made.answer.get().response,
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "running model 'fake' version 3: out of memory"));
  EXPECT_EQ(batches_.batches()[0].code, absl::StatusCode::kResourceExhausted);
  failing = false;
  TestRequest next = Submit(queue);
  ExpectOwnAnswer(next);
}

TEST_F(DevicePoolTest, CountsRowsThatAreNotFinite) {
  StartPool(1);
  TestRequest made = MakeRequest(2, 1);
  ModelQueue& queue = Add({.nan_marker = made.input->front()});
  made = Submit(queue, std::move(made));
  EXPECT_THAT(made.answer.get().response, test::IsOk());
  EXPECT_EQ(batches_.batches()[0].non_finite_rows, 1);
}

TEST_F(DevicePoolTest, AnExpiredRequestIsAnsweredAndNotRun) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  TestRequest running = Submit(queue);
  gate_.AwaitArrivals(1);
  TestRequest made = MakeRequest(1, 2);
  made.pending->request.deadline = clock_.Now() + milliseconds(3);
  made = Submit(queue, std::move(made));
  clock_.Advance(milliseconds(4));
  gate_.Open();
  const Completion completion = made.answer.get();
  EXPECT_THAT(completion.response,
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       "model 'fake': the request's time was over after 4000 us in the queue"));
  EXPECT_EQ(completion.dropped, DropReason::kExpired);
  EXPECT_EQ(completion.stages.queue, milliseconds(4));
  ExpectOwnAnswer(running);
  EXPECT_EQ(batches_.batches().size(), 1u);
}

// With the machine's clock, because the worker's timer is what is tested.
TEST(DevicePoolTimerTest, AnIdleWorkerAnswersAtTheDeadlineThoughItsDelayIsLong) {
  test::BatchLog batches;
  DevicePool pool({.device = {}, .workers = 3}, base::SteadyClock(), batches);
  auto queue =
      pool.Add(std::make_shared<test::FakeModel>(test::SmallSignature(8), test::FakeBehaviour{}),
               std::make_shared<observe::ModelRef>(),
               {.preferred_batch_sizes = {}, .max_queue_delay = std::chrono::hours(1)});
  ACTIUM_ASSERT_OK(queue);
  TestRequest waits = MakeRequest(1, 1);
  ACTIUM_ASSERT_OK(pool.Submit(**queue, waits.pending));
  TestRequest made = MakeRequest(1, 2);
  const base::TimePoint deadline = base::SteadyClock().Now() + milliseconds(20);
  made.pending->request.deadline = deadline;
  ACTIUM_ASSERT_OK(pool.Submit(**queue, made.pending));
  EXPECT_EQ(made.answer.get().dropped, DropReason::kExpired);
  EXPECT_GE(base::SteadyClock().Now(), deadline);
}

TEST(DevicePoolTimerTest, ADelayedBatchIsRunWhenItsDelayIsOver) {
  test::BatchLog batches;
  DevicePool pool({.device = {}, .workers = 2}, base::SteadyClock(), batches);
  auto queue =
      pool.Add(std::make_shared<test::FakeModel>(test::SmallSignature(8), test::FakeBehaviour{}),
               std::make_shared<observe::ModelRef>(),
               {.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(20)});
  ACTIUM_ASSERT_OK(queue);
  TestRequest first = MakeRequest(1, 1);
  TestRequest second = MakeRequest(1, 2);
  ACTIUM_ASSERT_OK(pool.Submit(**queue, first.pending));
  ACTIUM_ASSERT_OK(pool.Submit(**queue, second.pending));
  ACTIUM_EXPECT_OK(first.answer.get().response);
  ACTIUM_EXPECT_OK(second.answer.get().response);
  ASSERT_GE(batches.batches().size(), 1u);
  EXPECT_EQ(batches.batches()[0].closed, CloseReason::kDelayOver);
}

TEST_F(DevicePoolTest, AFullBatchDoesNotWaitForItsDelay) {
  StartPool(2);
  ModelQueue& queue = Add({}, {.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(5)});
  TestRequest first = Submit(queue, MakeRequest(4, 1));
  TestRequest second = Submit(queue, MakeRequest(4, 2));
  ExpectOwnAnswer(first, 4);
  ExpectOwnAnswer(second, 4);
  EXPECT_EQ(batches_.batches()[0].closed, CloseReason::kFull);
}

TEST_F(DevicePoolTest, ACancelledRequestIsAnsweredAndNotRun) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  TestRequest running = Submit(queue);
  gate_.AwaitArrivals(1);
  TestRequest made = Submit(queue, MakeRequest(1, 2));
  made.cancellation->Cancel();
  gate_.Open();
  const Completion completion = made.answer.get();
  EXPECT_THAT(completion.response, StatusIs(absl::StatusCode::kCancelled, HasSubstr("cancelled")));
  EXPECT_EQ(completion.dropped, DropReason::kCancelled);
  ExpectOwnAnswer(running);
}

TEST_F(DevicePoolTest, RefusalsLeaveTheRequestWithTheCaller) {
  StartPool(1);
  ModelQueue& queue = Add(Gated(), {.preferred_batch_sizes = {}, .max_queue_size = 1});
  TestRequest running = Submit(queue);
  gate_.AwaitArrivals(1);
  TestRequest waiting = Submit(queue);
  TestRequest made = MakeRequest(1, 1);
  EXPECT_THAT(pool_->Submit(queue, made.pending),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("queue full")));
  ASSERT_NE(made.pending, nullptr);
  made.pending->rows = 9;
  EXPECT_THAT(pool_->Submit(queue, made.pending),
              StatusIs(absl::StatusCode::kInvalidArgument, "rows must be in [1, 8], got 9"));
  ASSERT_NE(made.pending, nullptr);
  gate_.Open();
  ExpectOwnAnswer(running);
  ExpectOwnAnswer(waiting);
}

TEST_F(DevicePoolTest, CallbacksMaySubmitAgain) {
  StartPool(1);
  ModelQueue& queue = Add();
  TestRequest second = MakeRequest(1, 2);
  TestRequest first = MakeRequest(1, 1);
  first.pending->done = [&](Completion) {
    EXPECT_THAT(pool_->Submit(queue, second.pending), test::IsOk());
  };
  Submit(queue, std::move(first));
  ExpectOwnAnswer(second);
}

TEST_F(DevicePoolTest, AModelUsesNoMoreWorkersThanItsInstances) {
  StartPool(2);
  ModelQueue& capped = Add(Gated(), {.preferred_batch_sizes = {}, .instances = 1});
  ModelQueue& other = Add();
  std::vector<TestRequest> requests;
  for (uint32_t i = 0; i < 4; ++i) requests.push_back(Submit(capped, MakeRequest(8, i)));
  gate_.AwaitArrivals(1);
  TestRequest made = Submit(other);
  ExpectOwnAnswer(made);  // By the other worker: 'capped' does not take both.
  gate_.Open();
  for (TestRequest& request : requests) ExpectOwnAnswer(request, 8);
}

TEST_F(DevicePoolTest, AFreedInstanceIsTakenByAnIdleWorkerToo) {
  StartPool(2);
  Gate other_gate;
  ModelQueue& capped = Add(Gated(), {.preferred_batch_sizes = {}, .instances = 1});
  ModelQueue& other = Add({.on_run = [&](auto) {
    other_gate.Pass();
    return absl::OkStatus();
  }});
  TestRequest first = Submit(capped, MakeRequest(8, 1));
  gate_.AwaitArrivals(1);
  TestRequest second = Submit(capped, MakeRequest(8, 2));
  TestRequest blocked = Submit(other, MakeRequest(8, 3));
  other_gate.AwaitArrivals(1);
  gate_.Open();
  ExpectOwnAnswer(first, 8);
  ExpectOwnAnswer(second, 8);
  other_gate.Open();
  ExpectOwnAnswer(blocked, 8);
}

TEST_F(DevicePoolTest, RunsThatEndOnAnotherThreadOverlap) {
  StartPool(1);
  test::FakeBehaviour behaviour = Gated();
  behaviour.max_in_flight = 2;
  ModelQueue& queue = Add(std::move(behaviour));
  ModelQueue& other = Add();
  std::vector<TestRequest> requests;
  for (uint32_t i = 0; i < 6; ++i) requests.push_back(Submit(queue, MakeRequest(8, i)));
  gate_.AwaitArrivals(1);
  TestRequest made = Submit(other);
  ExpectOwnAnswer(made);  // The only worker does not wait for the run.
  gate_.Open();
  for (TestRequest& request : requests) ExpectOwnAnswer(request, 8);
}

// Ends each run inside Start(), as a fast device may, though two may be in flight.
class PromptModel final : public engine::LoadedModel {
 public:
  const engine::Signature& signature() const override { return model_->signature(); }
  std::span<const int> batch_sizes() const override { return {}; }
  std::string engine() const override { return "prompt"; }
  std::string precision() const override { return "fp32"; }
  const engine::ModelFacts& facts() const override { return model_->facts(); }
  absl::StatusOr<engine::ModelDescription> Describe(const engine::DescribeOptions&) const override {
    return engine::ModelDescription{};
  }
  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device& device,
                                                                int threads) override {
    ACTIUM_ASSIGN_OR_RETURN(auto inner, model_->NewExecutor(device, threads));
    return std::make_unique<PromptExecutor>(std::move(inner));
  }

 private:
  class PromptExecutor final : public engine::Executor {
   public:
    explicit PromptExecutor(std::unique_ptr<engine::Executor> inner) : inner_(std::move(inner)) {}
    absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
      return inner_->NewSlot();
    }
    int max_in_flight() const override { return 2; }
    void Start(engine::BatchSlot& slot, engine::Done done) override {
      inner_->Start(slot, std::move(done));
    }

   private:
    const std::unique_ptr<engine::Executor> inner_;
  };

  const std::shared_ptr<test::FakeModel> model_ =
      std::make_shared<test::FakeModel>(test::SmallSignature(8), test::FakeBehaviour{});
};

TEST_F(DevicePoolTest, AnInstanceTakesItsNextBatchWhileTheLastOneIsBeingAnswered) {
  StartPool(2);
  auto queue = pool_->Add(std::make_shared<PromptModel>(), std::make_shared<observe::ModelRef>(),
                          {.preferred_batch_sizes = {}, .instances = 1});
  ACTIUM_ASSERT_OK(queue);
  TestRequest slow = MakeRequest(8, 1);
  std::promise<void> answering;
  slow.pending->done = [&, done = std::move(slow.pending->done)](Completion completion) mutable {
    answering.set_value();
    gate_.Pass();
    done(std::move(completion));
  };
  slow = Submit(**queue, std::move(slow));
  answering.get_future().wait();
  TestRequest next = Submit(**queue, MakeRequest(8, 2));
  // Only now can the first be answered, so that a second that waits for it never ends.
  ExpectOwnAnswer(next, 8);
  gate_.Open();
  ExpectOwnAnswer(slow, 8);
}

TEST_F(DevicePoolTest, ServingTrafficIsNotDelayedByOtherTraffic) {
  StartPool(2);
  Gate serving_gate;
  ModelQueue& compared = Add(Gated());
  ModelQueue& serving = Add();
  std::vector<TestRequest> requests;
  for (uint32_t i = 0; i < 4; ++i) {
    TestRequest made = MakeRequest(8, i);
    made.pending->request.traffic = TrafficClass::kComparison;
    requests.push_back(Submit(compared, std::move(made)));
  }
  gate_.AwaitArrivals(1);
  TestRequest made = Submit(serving);
  ExpectOwnAnswer(made);  // Comparison holds one worker only.
  gate_.Open();
  for (TestRequest& request : requests) ExpectOwnAnswer(request, 8);
}

TEST_F(DevicePoolTest, TellsHowManyRequestsWait) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  TestRequest running = Submit(queue);
  gate_.AwaitArrivals(1);
  EXPECT_EQ(pool_->Waiting(queue), 0);
  TestRequest first = Submit(queue);
  TestRequest second = Submit(queue);
  EXPECT_EQ(pool_->Waiting(queue), 2);
  gate_.Open();
  for (TestRequest* const request : {&running, &first, &second}) ExpectOwnAnswer(*request);
  EXPECT_EQ(pool_->Waiting(queue), 0);
}

TEST_F(DevicePoolTest, IsUnhealthyWhileABatchIsStuck) {
  StartPool(1);
  ModelQueue& queue = Add(Gated());
  EXPECT_TRUE(pool_->healthy());
  TestRequest made = Submit(queue);
  gate_.AwaitArrivals(1);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(pool_->healthy());
  clock_.Advance(milliseconds(1));
  EXPECT_FALSE(pool_->healthy());
  gate_.Open();
  ExpectOwnAnswer(made);
}

TEST_F(DevicePoolTest, OnADeviceThatHasFailedRequestsMayBeTriedElsewhere) {
  std::atomic<bool> device_healthy = true;
  StartPool({.workers = 1, .device_healthy = [&] { return device_healthy.load(); }});
  ModelQueue& queue = Add({.on_run = [](auto) { return absl::InternalError("broken"); }});
  TestRequest made = Submit(queue);
  EXPECT_THAT(made.answer.get().response,
              StatusIs(absl::StatusCode::kInternal, HasSubstr("broken")));
  EXPECT_TRUE(pool_->healthy());

  device_healthy = false;
  made = Submit(queue);
  EXPECT_THAT(made.answer.get().response,
              StatusIs(absl::StatusCode::kUnavailable,
                       "running model 'fake' version 3: cpu has failed: broken"));
  EXPECT_THAT(pool_->WhyUnhealthy(), HasSubstr("the device has failed"));
}

}  // namespace
}  // namespace actium::batching
