#include "server/base/rate_limit.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace actium::base {
namespace {

TEST(RateLimitTest, LetsSoManyThroughInASecondAndTellsHowManyItHeldBack) {
  test::FakeClock clock;
  RateLimit limit(2);
  EXPECT_EQ(limit.Pass(clock.Now()), 0);
  EXPECT_EQ(limit.Pass(clock.Now()), 0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limit.Pass(clock.Now()), std::nullopt);
  clock.Advance(std::chrono::milliseconds(999));
  EXPECT_EQ(limit.Pass(clock.Now()), std::nullopt);
  clock.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(limit.Pass(clock.Now()), 6);
  EXPECT_EQ(limit.Pass(clock.Now()), 0);
  EXPECT_EQ(limit.Pass(clock.Now()), std::nullopt);
}

}  // namespace
}  // namespace actium::base
