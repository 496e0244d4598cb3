#include "server/rpc/in_flight.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::rpc {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

constexpr base::TimePoint kForever = base::TimePoint::max();

TEST(InFlightTest, RefusesMoreRequestsThanItsLimit) {
  InFlight in_flight({.requests = 2, .bytes = 1000});
  ACTIUM_EXPECT_OK(in_flight.Enter(1));
  ACTIUM_EXPECT_OK(in_flight.Enter(1));
  EXPECT_THAT(in_flight.Enter(1), StatusIs(absl::StatusCode::kUnavailable,
                                           HasSubstr("server full: 2 requests are in flight, "
                                                     "--max-requests-in-flight is 2")));
  in_flight.Leave(1);
  ACTIUM_EXPECT_OK(in_flight.Enter(1));
}

TEST(InFlightTest, RefusesMoreBytesThanItsLimitButNeverTheOnlyRequest) {
  InFlight in_flight({.requests = 10, .bytes = 100});
  ACTIUM_EXPECT_OK(in_flight.Enter(500));
  EXPECT_THAT(in_flight.Enter(1),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("500 bytes of requests are in flight, --max-bytes-in-flight is "
                                 "100")));
  in_flight.Leave(500);
  ACTIUM_EXPECT_OK(in_flight.Enter(60));
  ACTIUM_EXPECT_OK(in_flight.Enter(40));
}

TEST(InFlightTest, LetsNothingInOnceClosed) {
  InFlight in_flight({.requests = 10, .bytes = 100});
  in_flight.Close();
  EXPECT_THAT(in_flight.Enter(1),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("the server is stopping")));
  EXPECT_EQ(in_flight.WaitUntilIdle(kForever), 0);
}

TEST(InFlightTest, TellsWhatIsLeftWhenTheTimeIsOver) {
  InFlight in_flight({.requests = 10, .bytes = 100});
  ACTIUM_ASSERT_OK(in_flight.Enter(1));
  in_flight.Close();
  EXPECT_EQ(in_flight.WaitUntilIdle(base::SteadyClock().Now()), 1);
}

TEST(InFlightTest, IsQuietOnceNoRequestHasComeForAWhile) {
  InFlight in_flight({.requests = 10, .bytes = 100});
  in_flight.WaitUntilQuiet(std::chrono::minutes(10), kForever);  // None ever came.
  in_flight.Close();
  const base::TimePoint before = base::SteadyClock().Now();
  EXPECT_FALSE(in_flight.Enter(1).ok());
  in_flight.WaitUntilQuiet(std::chrono::milliseconds(5), kForever);
  EXPECT_GE(base::SteadyClock().Now() - before, std::chrono::milliseconds(5));
}

TEST(InFlightTest, WaitsForQuietNoLongerThanUntilTheTimeIsOver) {
  InFlight in_flight({.requests = 10, .bytes = 100});
  in_flight.Close();
  EXPECT_FALSE(in_flight.Enter(1).ok());
  const base::TimePoint over = base::SteadyClock().Now() + std::chrono::milliseconds(5);
  in_flight.WaitUntilQuiet(std::chrono::minutes(10), over);
  EXPECT_GE(base::SteadyClock().Now(), over);
}

TEST(InFlightTest, WaitsForTheLastOfManyThreads) {
  InFlight in_flight({.requests = 1000, .bytes = 1'000'000});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (in_flight.Enter(10).ok()) in_flight.Leave(10);
    });
  }
  in_flight.Close();
  EXPECT_EQ(in_flight.WaitUntilIdle(kForever), 0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace actium::rpc
