#ifndef ACTIUM_TESTS_SERVER_BATCHING_POOL_FIXTURE_H_
#define ACTIUM_TESTS_SERVER_BATCHING_POOL_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "server/batching/device_pool.h"
#include "tests/server/batching/test_requests.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace actium::test {

/// A pool on a clock that stands still, and models whose runs a test can hold up. Tests start their
/// pool with as many workers as they need.
class PoolFixture : public ::testing::Test {
 protected:
  void StartPool(int workers) { StartPool(batching::PoolOptions{.workers = workers}); }

  void StartPool(batching::PoolOptions options) {
    pool_ = std::make_unique<batching::DevicePool>(std::move(options), clock_, batches_);
  }

  absl::StatusOr<std::shared_ptr<batching::ModelQueue>> TryAdd(FakeBehaviour behaviour,
                                                               batching::QueueOptions options = {},
                                                               int max_batch_size = 8) {
    auto ref = std::make_shared<observe::ModelRef>();
    ref->model = "fake";
    ref->version = 3;
    return pool_->Add(
        std::make_shared<FakeModel>(SmallSignature(max_batch_size), std::move(behaviour)), ref,
        std::move(options));
  }

  batching::ModelQueue& Add(FakeBehaviour behaviour = {}, batching::QueueOptions options = {},
                            int max_batch_size = 8) {
    auto queue = TryAdd(std::move(behaviour), std::move(options), max_batch_size);
    EXPECT_THAT(queue, IsOk());
    return **queue;
  }

  // Submits a request that must be accepted.
  TestRequest Submit(batching::ModelQueue& queue, TestRequest made = MakeRequest(1, 1)) {
    EXPECT_THAT(pool_->Submit(queue, made.pending), IsOk());
    return made;
  }

  // Waits for the answer and checks that it is the request's own.
  batching::Completion ExpectOwnAnswer(TestRequest& made, int rows = 1, int max_batch_size = 8) {
    batching::Completion completion = made.answer.get();
    EXPECT_THAT(completion.response, IsOk());
    if (!completion.response.ok()) return completion;
    EXPECT_EQ(completion.dropped, observe::DropReason::kNone);
    const engine::Signature signature = SmallSignature(max_batch_size);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(completion.response->outputs[i].bytes,
                ExpectedOutput(*made.input, rows, i, signature));
    }
    return completion;
  }

  FakeClock clock_;
  BatchLog batches_;
  Gate gate_;  // Outlives the pool, whose runs may be at it.
  std::unique_ptr<batching::DevicePool> pool_;

  // A model whose runs wait at the gate.
  FakeBehaviour Gated() {
    return {.on_run = [this](auto) {
      gate_.Pass();
      return absl::OkStatus();
    }};
  }
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_BATCHING_POOL_FIXTURE_H_
