#include "server/stats/distributions.h"

#include <gtest/gtest.h>

#include <limits>

namespace actium::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(DistributionsTest, CriticalValuesAreThoseOfTheTables) {
  EXPECT_NEAR(NormalCritical(0.95), 1.959963984540, 1e-11);
  EXPECT_NEAR(NormalCritical(0.99), 2.575829303549, 1e-11);
  EXPECT_NEAR(StudentCritical(0.95, 4), 2.776445105198, 1e-11);
  EXPECT_NEAR(NormalQuantile(0.8), 0.841621233573, 1e-11);
}

TEST(DistributionsTest, FarTailsAreNotLost) {
  EXPECT_NEAR(NormalUpperTail(10.0) / 7.61985302416e-24, 1.0, 1e-9);
  EXPECT_NEAR(ChiSquaredUpperTail(208.285714286, 6) / 3.26513129319e-42, 1.0, 1e-8);
}

TEST(DistributionsTest, InfiniteStatisticsHaveTails) {
  EXPECT_EQ(StudentUpperTail(kInfinity, 3), 0.0);
  EXPECT_EQ(StudentUpperTail(-kInfinity, 3), 1.0);
  EXPECT_EQ(NormalUpperTail(kInfinity), 0.0);
}

TEST(DistributionsTest, TheBinomialQuantileIsTheFirstThatReachesTheProbability) {
  for (const int64_t n : {1, 2, 30, 1000}) {
    for (const double success : {0.001, 0.5, 0.99}) {
      for (const double probability : {0.025, 0.5, 0.975}) {
        const int64_t k = BinomialQuantile(probability, n, success);
        EXPECT_GE(BinomialCdf(k, n, success), probability);
        if (k > 0) {
          EXPECT_LT(BinomialCdf(k - 1, n, success), probability);
        }
      }
    }
  }
  EXPECT_EQ(BinomialQuantile(0.5, 0, 0.5), 0);
}

TEST(DistributionsTest, TailsAddUpToOne) {
  for (const double x : {0.0, 0.3, 4.0, 50.0}) {
    EXPECT_NEAR(ChiSquaredCdf(x, 3) + ChiSquaredUpperTail(x, 3), 1.0, 1e-14);
  }
  EXPECT_NEAR(NormalUpperTail(0.7) + NormalUpperTail(-0.7), 1.0, 1e-14);
  EXPECT_NEAR(BetaQuantile(0.2, 3.0, 5.0), BetaUpperQuantile(0.8, 3.0, 5.0), 1e-12);
}

}  // namespace
}  // namespace actium::stats
