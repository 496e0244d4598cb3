#include "server/stats/proportion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "server/stats/distributions.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsIntervalVector;

TEST(ProportionTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("accuracy_ci")) {
    SCOPED_TRACE(row.dump());
    const int64_t k = row["k"];
    const int64_t n = row["n"];
    EXPECT_THAT(WilsonInterval(k, n, 0.95), IsIntervalVector(row["wilson"]));
    EXPECT_THAT(ClopperPearsonInterval(k, n, 0.95), IsIntervalVector(row["clopper_pearson"]));
    EXPECT_THAT(JeffreysInterval(k, n, 0.95), IsIntervalVector(row["jeffreys"]));
  }
}

using Method = Interval (*)(int64_t, int64_t, double);
constexpr Method kMethods[] = {WilsonInterval, ClopperPearsonInterval, JeffreysInterval};

TEST(ProportionTest, WithoutTrialsNothingIsKnown) {
  for (const Method method : kMethods) {
    EXPECT_EQ(method(0, 0, 0.95).lower, 0.0);
    EXPECT_EQ(method(0, 0, 0.95).upper, 1.0);
  }
}

TEST(ProportionTest, LiesInItsRangeAndIsMirroredByFailures) {
  for (const Method method : kMethods) {
    for (const int64_t n : {1, 2, 7, 100, 1'000'000}) {
      for (const int64_t k : {int64_t{0}, int64_t{1}, n / 2, n - 1, n}) {
        const Interval interval = method(k, n, 0.95);
        const Interval mirrored = method(n - k, n, 0.95);
        EXPECT_GE(interval.lower, 0.0);
        EXPECT_LT(interval.lower, interval.upper);
        EXPECT_LE(interval.upper, 1.0);
        EXPECT_NEAR(interval.lower, 1.0 - mirrored.upper, 1e-12);
      }
    }
  }
}

TEST(ProportionTest, WilsonAndClopperPearsonContainTheShare) {
  for (int64_t n = 1; n <= 60; ++n) {
    for (int64_t k = 0; k <= n; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(n);
      EXPECT_TRUE(WilsonInterval(k, n, 0.95).Contains(share)) << k << " of " << n;
      EXPECT_TRUE(ClopperPearsonInterval(k, n, 0.95).Contains(share)) << k << " of " << n;
    }
  }
}

TEST(ProportionTest, IsWiderAtMoreConfidence) {
  for (const Method method : kMethods) {
    const Interval narrow = method(30, 40, 0.9);
    const Interval wide = method(30, 40, 1.0 - 0.05 / 21);
    EXPECT_TRUE(narrow.Within(wide));
  }
}

// The exact chance that an interval of n trials contains the true probability.
double Coverage(Method method, int64_t n, double probability) {
  double covered = 0.0;
  for (int64_t k = 0; k <= n; ++k) {
    if (method(k, n, 0.95).Contains(probability)) covered += BinomialPmf(k, n, probability);
  }
  return covered;
}

TEST(ProportionTest, CoversAsPromised) {
  double wilson = 0.0;
  double jeffreys = 0.0;
  constexpr int kProbabilities = 99;
  for (int i = 1; i <= kProbabilities; ++i) {
    const double probability = i / 100.0;
    EXPECT_GE(Coverage(ClopperPearsonInterval, 40, probability), 0.95) << probability;
    wilson += Coverage(WilsonInterval, 40, probability) / kProbabilities;
    jeffreys += Coverage(JeffreysInterval, 40, probability) / kProbabilities;
  }
  EXPECT_NEAR(wilson, 0.95, 0.01);
  EXPECT_NEAR(jeffreys, 0.95, 0.01);
}

TEST(ProportionDeathTest, RefusesWhatNoTableGives) {
  EXPECT_DEATH(WilsonInterval(11, 10, 0.95), "broken invariant");
  EXPECT_DEATH(JeffreysInterval(-1, 10, 0.95), "broken invariant");
  EXPECT_DEATH(ClopperPearsonInterval(1, 10, 1.0), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
