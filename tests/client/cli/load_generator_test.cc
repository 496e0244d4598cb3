#include "client/cli/load_generator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace actium::test {
namespace {

using cli::ClosedLoop;
using cli::LoadResult;
using cli::OpenLoop;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using Done = std::function<void(absl::Status)>;

// Time that passes only when someone waits or works. One thread at a time.
class FakeTime {
 public:
  cli::PacingClock clock() {
    return {.now = [this] { return now_; },
            .wait_until = [this](steady_clock::time_point time) { now_ = std::max(now_, time); }};
  }
  void Pass(nanoseconds duration) { now_ += duration; }

 private:
  steady_clock::time_point now_{};
};

double Ms(const LoadResult& result, double percent) {
  return static_cast<double>(result.latency.Percentile(percent)) / 1e6;
}

TEST(OpenLoopTest, AFastServerHasItsOwnLatencyAndTheOfferedRate) {
  FakeTime time;
  OpenLoop loop;
  loop.rate = 100;
  loop.duration = seconds(2);
  const LoadResult result = cli::RunOpenLoop(
      loop,
      [&](int64_t, Done done) {
        time.Pass(milliseconds(1));
        done(absl::OkStatus());
      },
      time.clock());
  EXPECT_EQ(result.succeeded(), 200);
  EXPECT_NEAR(Ms(result, 50), 1.0, 0.002);
  EXPECT_NEAR(Ms(result, 100), 1.0, 0.002);
  EXPECT_NEAR(result.rate(), 100, 0.1);
}

// One request takes 500 ms. A load generator that counts from when it really sends would see one
// slow request; those that were due meanwhile waited too: 490 ms, 480 ms and so on.
TEST(OpenLoopTest, AStallCountsForEveryRequestThatWasDueInIt) {
  FakeTime time;
  OpenLoop loop;
  loop.rate = 100;
  loop.duration = seconds(1);
  const LoadResult result = cli::RunOpenLoop(
      loop,
      [&](int64_t number, Done done) {
        if (number == 10) time.Pass(milliseconds(500));
        done(absl::OkStatus());
      },
      time.clock());
  EXPECT_EQ(result.succeeded(), 100);
  EXPECT_NEAR(Ms(result, 100), 500, 1);
  EXPECT_NEAR(Ms(result, 99), 490, 1);
  EXPECT_NEAR(Ms(result, 75), 250, 1);
  EXPECT_EQ(Ms(result, 50), 0) << "50 of 100 were due outside the stall";
}

TEST(OpenLoopTest, AServerThatIsTooSlowShowsGrowingLatencyNotALowerRate) {
  FakeTime time;
  OpenLoop loop;
  loop.rate = 100;
  loop.duration = seconds(1);
  const LoadResult result = cli::RunOpenLoop(
      loop,
      [&](int64_t, Done done) {
        time.Pass(milliseconds(20));  // Twice as long as it has.
        done(absl::OkStatus());
      },
      time.clock());
  EXPECT_EQ(result.succeeded(), 100);
  EXPECT_NEAR(Ms(result, 100), 20 + 99 * 10, 1.1);
  EXPECT_NEAR(result.rate(), 50, 0.1);
}

TEST(OpenLoopTest, WarmUpIsNotCounted) {
  FakeTime time;
  OpenLoop loop;
  loop.rate = 10;
  loop.warm_up = seconds(1);
  loop.duration = seconds(2);
  std::vector<int64_t> numbers;
  const LoadResult result = cli::RunOpenLoop(
      loop,
      [&](int64_t number, Done done) {
        numbers.push_back(number);
        done(number < 10 ? absl::UnavailableError("cold") : absl::OkStatus());
      },
      time.clock());
  EXPECT_EQ(numbers.size(), 30u);
  EXPECT_EQ(result.succeeded(), 20);
  EXPECT_EQ(result.failures(), 0);
}

TEST(ClosedLoopTest, SendsEachNumberOnceAndCountsFailures) {
  FakeTime time;
  ClosedLoop loop;
  loop.concurrency = 4;
  loop.requests = 1000;
  std::multiset<int64_t> numbers;
  const LoadResult result = cli::RunClosedLoop(
      loop,
      [&](int64_t number, Done done) {
        numbers.insert(number);
        time.Pass(milliseconds(1));
        done(number % 10 == 0 ? absl::UnavailableError("queue full") : absl::OkStatus());
      },
      time.clock());
  EXPECT_EQ(numbers.size(), 1000u);
  EXPECT_EQ(std::set<int64_t>(numbers.begin(), numbers.end()).size(), 1000u);
  EXPECT_EQ(*numbers.rbegin(), 999);
  EXPECT_EQ(result.succeeded(), 900);
  EXPECT_EQ(result.failed.at(absl::StatusCode::kUnavailable), 100);
  EXPECT_EQ(result.first_error, "queue full");
  EXPECT_EQ(result.elapsed, seconds(1));
  EXPECT_DOUBLE_EQ(result.rate(), 900);
}

TEST(ClosedLoopTest, CountsAnswersBetweenWarmUpAndEnd) {
  FakeTime time;
  ClosedLoop loop;
  loop.warm_up = milliseconds(100);
  loop.duration = milliseconds(400);
  const LoadResult result = cli::RunClosedLoop(
      loop,
      [&](int64_t, Done done) {
        time.Pass(milliseconds(2));
        done(absl::OkStatus());
      },
      time.clock());
  EXPECT_NEAR(static_cast<double>(result.succeeded()), 200, 1);
  EXPECT_EQ(result.elapsed, milliseconds(400));
}

// Answers on other threads: never more requests in flight than asked for, all slots used.
TEST(ClosedLoopTest, KeepsSoManyRequestsInFlight) {
  ClosedLoop loop;
  loop.concurrency = 8;
  loop.requests = 4000;
  std::mutex mutex;
  std::vector<Done> waiting;
  std::atomic<bool> stop = false;
  size_t most = 0;
  std::vector<std::thread> servers;
  for (int i = 0; i < 3; ++i) {
    servers.emplace_back([&] {
      while (!stop) {
        Done done;
        {
          std::lock_guard lock(mutex);
          most = std::max(most, waiting.size());
          if (!waiting.empty()) {
            done = std::move(waiting.back());
            waiting.pop_back();
          }
        }
        if (done) {
          done(absl::OkStatus());
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  const LoadResult result = cli::RunClosedLoop(loop, [&](int64_t number, Done done) {
    if (number % 3 == 0) return done(absl::OkStatus());  // Inside the call.
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(done));
  });
  stop = true;
  for (std::thread& server : servers) server.join();
  EXPECT_EQ(result.succeeded(), 4000);
  EXPECT_LE(most, 8u);
}

TEST(LoadResultTest, RoundsAddUp) {
  LoadResult first;
  first.latency.Record(1000000);
  first.elapsed = seconds(1);
  LoadResult second;
  second.latency.Record(3000000, 3);
  second.failed[absl::StatusCode::kInternal] = 2;
  second.first_error = "x";
  second.elapsed = seconds(1);
  first.Merge(second);
  EXPECT_EQ(first.succeeded(), 4);
  EXPECT_EQ(first.failures(), 2);
  EXPECT_EQ(first.first_error, "x");
  EXPECT_DOUBLE_EQ(first.rate(), 2.0);
}

}  // namespace
}  // namespace actium::test
