#include "server/rpc/bounded_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace actium::rpc {
namespace {

using ::testing::ElementsAre;

TEST(BoundedWorkersTest, RunsTasksInOrderAndFinishesWhatWaits) {
  std::vector<int> order;
  BoundedWorkers workers(1, 10);
  for (int i = 0; i < 4; ++i) workers.Add([&order, i] { order.push_back(i); });
  workers.Finish();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(BoundedWorkersTest, WhoAddsToAFullQueueWaitsUntilATaskIsTaken) {
  BoundedWorkers workers(1, 2);
  std::latch begun(1);
  std::latch may_end(1);
  std::atomic<bool> ended = false;
  workers.Add([&] {
    begun.count_down();
    may_end.wait();
    ended = true;
  });
  begun.wait();
  workers.Add([] {});
  workers.Add([] {});
  std::thread fourth([&] {
    workers.Add([] {});
    EXPECT_TRUE(ended);  // Only then was a place free.
  });
  may_end.count_down();
  fourth.join();
}

TEST(BoundedWorkersTest, ManyThreadsAddMoreThanFits) {
  std::atomic<int> ran = 0;
  {
    BoundedWorkers workers(3, 2);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 100; ++k) workers.Add([&ran] { ++ran; });
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(ran, 400);
}

}  // namespace
}  // namespace actium::rpc
