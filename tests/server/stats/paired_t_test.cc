#include "server/stats/paired_t.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace actium::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(PairedTTest, OnePairSaysNothing) {
  const PairedT test = PairedTTest(std::vector<double>{0.7}, 0.95);
  EXPECT_EQ(test.pairs, 1);
  EXPECT_EQ(test.mean, 0.7);
  EXPECT_EQ(test.p, 1.0);
  EXPECT_EQ(test.interval.lower, -kInfinity);
  EXPECT_EQ(test.interval.upper, kInfinity);
  EXPECT_EQ(BelowBoundP(test, 100.0), 1.0);
  EXPECT_EQ(WithinBoundsP(test, {.lower = -100.0, .upper = 100.0}), 1.0);
}

TEST(PairedTTest, EqualDifferencesHaveNoSpread) {
  const PairedT test = PairedTTest(std::vector<double>(5, 0.25), 0.95);
  EXPECT_EQ(test.sd, 0.0);
  EXPECT_EQ(test.t, kInfinity);
  EXPECT_EQ(test.p, 0.0);
  EXPECT_EQ(test.interval.lower, 0.25);
  EXPECT_EQ(test.interval.upper, 0.25);
  EXPECT_EQ(BelowBoundP(test, 0.3), 0.0);
  EXPECT_EQ(BelowBoundP(test, 0.25), 0.5);
  EXPECT_EQ(BelowBoundP(test, 0.2), 1.0);
}

TEST(PairedTTest, NoDifferenceAtAll) {
  const PairedT test = PairedTTest(std::vector<double>(5, 0.0), 0.95);
  EXPECT_EQ(test.t, 0.0);
  EXPECT_EQ(test.p, 1.0);
  EXPECT_TRUE(test.interval.Contains(0.0));
}

std::vector<double> Draw(size_t count, double mean, std::mt19937_64& random) {
  std::normal_distribution<> normal(mean, 1.0);
  std::vector<double> values(count);
  for (double& value : values) value = normal(random);
  return values;
}

TEST(PairedTTest, TestsAndIntervalsAgree) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    const std::vector<double> values = Draw(8, 0.5, random);
    const PairedT wide = PairedTTest(values, 0.95);
    EXPECT_EQ(wide.p <= 0.05, !wide.interval.Contains(0.0));
    const Interval bounds = {.lower = -0.2, .upper = 1.3};
    const PairedT narrow = PairedTTest(values, 0.9);
    EXPECT_EQ(WithinBoundsP(wide, bounds) < 0.05, narrow.interval.Within(bounds));
    EXPECT_EQ(BelowBoundP(wide, 1.3) < 0.05, narrow.interval.upper < 1.3);
    EXPECT_GE(WithinBoundsP(wide, bounds), BelowBoundP(wide, bounds.upper));
  }
}

TEST(PairedTTest, CoversAsPromised) {
  std::mt19937_64 random(2);
  constexpr int kDraws = 4000;
  int covered = 0;
  for (int i = 0; i < kDraws; ++i) {
    if (PairedTTest(Draw(5, 3.0, random), 0.95).interval.Contains(3.0)) ++covered;
  }
  EXPECT_NEAR(covered / double{kDraws}, 0.95, 0.012);
}

TEST(PairedTDeathTest, RefusesWhatIsNoNumber) {
  EXPECT_DEATH(PairedTTest(std::vector<double>{1.0, std::nan("")}, 0.95), "broken invariant");
  EXPECT_DEATH(PairedTTest(std::vector<double>{1.0, kInfinity}, 0.95), "broken invariant");
  EXPECT_DEATH(PairedTTest({}, 0.95), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
