// Many threads, many models, every way for a request to end: what must hold whatever the order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "server/batching/device_pool.h"
#include "tests/server/batching/test_requests.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using observe::DropReason;
using observe::TrafficClass;
using std::chrono::microseconds;
using test::MakeRequest;
using test::TestRequest;

std::shared_ptr<const observe::ModelRef> Ref(std::string name) {
  auto ref = std::make_shared<observe::ModelRef>();
  ref->model = std::move(name);
  return ref;
}

// A model under test, and how to make requests for it.
struct Target {
  engine::Signature signature;
  std::shared_ptr<ModelQueue> queue;
};

// A request that was accepted.
struct Sent {
  TestRequest made;
  int rows = 1;
  const engine::Signature* signature = nullptr;
  bool may_drop = false;  // It has a deadline or was cancelled.
};

class LoadTest : public ::testing::Test {
 protected:
  Target Add(test::FakeBehaviour behaviour, QueueOptions options, int max_batch_size,
             bool any_size = false) {
    Target target{.signature = test::SmallSignature(max_batch_size), .queue = nullptr};
    if (any_size) target.signature.inputs[0].shape = {tensor::kAnySize};
    auto queue = pool_->Add(std::make_shared<test::FakeModel>(target.signature, behaviour),
                            Ref("model"), options);
    EXPECT_THAT(queue, test::IsOk());
    target.queue = *queue;
    return target;
  }

  // Submits `count` random requests and checks the answers of all that were accepted.
  void Client(uint32_t seed, int count, const std::vector<Target>& targets) {
    std::mt19937 random(seed);
    const auto draw = [&](int below) {
      return static_cast<int>(random() % static_cast<unsigned>(below));
    };
    std::vector<Sent> sent;
    for (int i = 0; i < count; ++i) {
      const Target& target = targets[static_cast<size_t>(draw(static_cast<int>(targets.size())))];
      const int most = target.signature.max_batch_size;
      const bool any_size = target.signature.inputs[0].shape[0] == tensor::kAnySize;
      Sent next{.made = {}, .rows = most == 0 ? 1 : 1 + draw(most), .signature = &target.signature};
      next.made = MakeRequest(next.rows, static_cast<uint32_t>(random()),
                              {any_size ? 1 + draw(4) : 6}, most > 0);
      InferRequest& request = next.made.pending->request;
      request.traffic = draw(8) == 0 ? TrafficClass::kComparison : TrafficClass::kServing;
      request.alone = draw(8) == 0;
      if (draw(4) == 0) {
        request.deadline = base::SteadyClock().Now() + microseconds(draw(2000));
        next.may_drop = true;
      }
      if (draw(4) == 0) next.may_drop = true;
      const auto cancellation = next.may_drop && draw(2) == 0 ? next.made.cancellation : nullptr;
      if (pool_->Submit(*target.queue, next.made.pending).ok()) {
        if (cancellation) cancellation->Cancel();
        sent.push_back(std::move(next));
      } else {
        ASSERT_NE(next.made.pending, nullptr);
        ++refused_;
      }
      if (static_cast<int>(sent.size()) >= 16) Check(sent);
    }
    Check(sent);
  }

  void Check(std::vector<Sent>& sent) {
    for (Sent& one : sent) {
      const Completion completion = one.made.answer.get();
      if (completion.dropped != DropReason::kNone) {
        EXPECT_TRUE(one.may_drop);
        EXPECT_FALSE(completion.response.ok());
        ++dropped_;
        continue;
      }
      ACTIUM_ASSERT_OK(completion.response);
      for (size_t i = 0; i < 2; ++i) {
        ASSERT_EQ(completion.response->outputs[i].bytes,
                  test::ExpectedOutput(*one.made.input, one.rows, i, *one.signature));
      }
      ++answered_;
    }
    sent.clear();
  }

  test::BatchLog batches_;
  std::unique_ptr<DevicePool> pool_ =
      std::make_unique<DevicePool>(PoolOptions{.workers = 3}, base::SteadyClock(), batches_);
  std::atomic<int> answered_ = 0;
  std::atomic<int> dropped_ = 0;
  std::atomic<int> refused_ = 0;
};

TEST_F(LoadTest, EveryRequestIsAnsweredOnceWithItsOwnContent) {
  constexpr int kClients = 4;
  constexpr int kRequests = 1500;
  const std::vector<Target> targets = {
      Add({}, {}, 8),
      Add({.batch_sizes = {1, 4, 8}}, {.instances = 1}, 8),
      Add({.max_in_flight = 2}, {}, 4),
      Add({}, {.preferred_batch_sizes = {2, 4}, .max_queue_delay = microseconds(200)}, 6),
      Add({}, {}, 8, true),
      Add({.max_in_flight = 3}, {.instances = 1}, 0),
      Add({}, {.max_queue_size = 2, .default_timeout = std::chrono::seconds(100)}, 8)};

  std::vector<std::thread> clients;
  for (uint32_t i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] { Client(i, kRequests, targets); });
  }
  for (std::thread& client : clients) client.join();

  EXPECT_EQ(answered_ + dropped_ + refused_, kClients * kRequests);
  EXPECT_GT(answered_, kClients * kRequests / 2);
  EXPECT_GT(dropped_, 0);
  int in_batches = 0;
  for (const auto& batch : batches_.batches()) {
    in_batches += batch.requests;
    EXPECT_LE(batch.rows, batch.executed_rows);
    EXPECT_EQ(batch.code, absl::StatusCode::kOk);
  }
  EXPECT_EQ(in_batches, answered_);
}

TEST_F(LoadTest, AQueueMayBeRemovedUnderLoad) {
  for (const int in_flight : {1, 2}) {
    for (uint32_t round = 0; round < 20; ++round) {
      const std::vector<Target> targets = {Add({.max_in_flight = in_flight}, {}, 4)};
      std::vector<std::thread> clients;
      for (uint32_t i = 0; i < 3; ++i) {
        clients.emplace_back([&, i] { Client(round * 8 + i, 60, targets); });
      }
      std::promise<void> idle;
      pool_->Remove(*targets[0].queue, [&] { idle.set_value(); });
      idle.get_future().wait();
      for (std::thread& client : clients) client.join();
    }
  }
  EXPECT_EQ(answered_ + dropped_ + refused_, 2 * 20 * 3 * 60);
}

TEST_F(LoadTest, DestructionUnderLoadAnswersEverything) {
  for (uint32_t round = 0; round < 20; ++round) {
    pool_ = std::make_unique<DevicePool>(PoolOptions{.workers = 2}, base::SteadyClock(), batches_);
    const std::vector<Target> targets = {Add({}, {}, 4), Add({.max_in_flight = 2}, {}, 4)};
    std::vector<TestRequest> requests;
    for (uint32_t i = 0; i < 40; ++i) {
      requests.push_back(MakeRequest(1 + static_cast<int>(i % 4), i));
      ACTIUM_ASSERT_OK(pool_->Submit(*targets[i % 2].queue, requests.back().pending));
    }
    pool_.reset();
    for (TestRequest& request : requests) {
      const Completion completion = request.answer.get();
      EXPECT_EQ(completion.response.ok(), completion.dropped == DropReason::kNone);
    }
  }
}

// Keeps a number of requests of one model in the pool: each answer submits the next.
class ClosedLoop {
 public:
  ClosedLoop(DevicePool& pool, ModelQueue& queue, std::atomic<int>& left)
      : pool_(pool), queue_(queue), left_(left) {}

  void Start(int concurrency) {
    running_ = concurrency;
    for (int i = 0; i < concurrency; ++i) Next();
  }

  void Await() {
    base::MutexLock lock(mutex_);
    while (running_ > 0) ended_.Wait(mutex_);
  }

 private:
  void Next() {
    if (left_.fetch_sub(1) <= 0) {
      base::MutexLock lock(mutex_);
      if (--running_ == 0) ended_.NotifyAll();
      return;
    }
    TestRequest made = MakeRequest(1, 1);
    made.pending->done = [this](Completion completion) {
      EXPECT_THAT(completion.response, test::IsOk());
      Next();
    };
    EXPECT_THAT(pool_.Submit(queue_, made.pending), test::IsOk());
  }

  DevicePool& pool_;
  ModelQueue& queue_;
  std::atomic<int>& left_;
  base::Mutex mutex_;
  base::CondVar ended_;
  std::atomic<int> running_ = 0;
};

// Compute times are simulated: model i's batches cost i milliseconds, but take none.
TEST(FairnessTest, ElevenModelsShareTwoWorkersByComputeTime) {
  constexpr int kModels = 11;
  test::BatchLog batches;
  base::Mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> left = 20'000;
  {
    DevicePool pool({.workers = 2}, base::SteadyClock(), batches);
    std::vector<std::unique_ptr<ClosedLoop>> loops;
    for (int i = 1; i <= kModels; ++i) {
      auto queue =
          pool.Add(std::make_shared<test::FakeModel>(
                       test::SmallSignature(4),
                       test::FakeBehaviour{
                           .on_run =
                               [&](auto) {
                                 base::MutexLock lock(mutex);
                                 threads.insert(std::this_thread::get_id());
                                 return absl::OkStatus();
                               },
                           .simulated_compute = [i](int) { return std::chrono::milliseconds(i); }}),
                   Ref(std::to_string(i)), {});
      ACTIUM_ASSERT_OK(queue);
      loops.push_back(std::make_unique<ClosedLoop>(pool, **queue, left));
    }
    for (const auto& loop : loops) loop->Start(8);
    for (const auto& loop : loops) loop->Await();
  }
  std::map<std::string, double> received;
  double total = 0;
  for (const auto& batch : batches.batches()) {
    const double compute = std::chrono::duration<double>(batch.stages.compute).count();
    received[batch.model->model] += compute;
    total += compute;
  }
  ASSERT_EQ(received.size(), static_cast<size_t>(kModels));
  for (const auto& [model, compute] : received) {
    EXPECT_GT(compute / total, 0.5 / kModels) << "model " << model;
  }
  EXPECT_LE(threads.size(), 2u);
}

}  // namespace
}  // namespace actium::batching
