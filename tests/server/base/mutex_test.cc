#include "server/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace actium::base {
namespace {

TEST(MutexTest, ACondVarHandsOverBetweenThreads) {
  Mutex mutex;
  CondVar changed;
  int turn = 0;
  const auto play = [&](int parity) {
    for (int i = 0; i < 1000; ++i) {
      MutexLock lock(mutex);
      while (turn % 2 != parity) changed.Wait(mutex);
      ++turn;
      changed.NotifyAll();
    }
  };
  std::thread odd([&] { play(1); });
  play(0);
  odd.join();
  EXPECT_EQ(turn, 2000);
}

TEST(MutexTest, WaitUntilAPassedMomentReturns) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  never.WaitUntil(mutex, SteadyClock().Now() - std::chrono::seconds(1));
}

}  // namespace
}  // namespace actium::base
