#include "server/stats/quantile_interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsOptionalVector;

TEST(QuantileIntervalTest, RanksAgreeWithTheVectors) {
  for (const auto& row : test::Vectors("quantile_ci")) {
    SCOPED_TRACE(row.dump());
    const QuantileRanks ranks = QuantileIntervalRanks(row["n"], row["q"], row["conf"]);
    EXPECT_THAT(ranks.lower, IsOptionalVector(row["lower_rank"]));
    EXPECT_THAT(ranks.upper, IsOptionalVector(row["upper_rank"]));
    EXPECT_THAT(ranks.coverage, test::IsVector(row["coverage"]));
  }
}

TEST(QuantileIntervalTest, HighPercentilesNeedManySamples) {
  EXPECT_EQ(SamplesForQuantileInterval(0.5, 0.95), 6);
  EXPECT_EQ(SamplesForQuantileInterval(0.99, 0.95), 368);
  EXPECT_EQ(SamplesForQuantileInterval(0.999, 0.95), 3688);
  EXPECT_EQ(SamplesForQuantileInterval(0.001, 0.95), 3688);
}

bool IsBounded(int64_t samples, double quantile, double confidence) {
  const QuantileRanks ranks = QuantileIntervalRanks(samples, quantile, confidence);
  return ranks.lower.has_value() && ranks.upper.has_value();
}

TEST(QuantileIntervalTest, WithOneSampleLessAnEndIsMissing) {
  for (const double quantile : {0.1, 0.5, 0.9, 0.95, 0.99, 0.999}) {
    for (const double confidence : {0.9, 0.95, 0.99, 0.9975}) {
      const int64_t samples = SamplesForQuantileInterval(quantile, confidence);
      EXPECT_TRUE(IsBounded(samples, quantile, confidence)) << quantile << " " << confidence;
      EXPECT_FALSE(IsBounded(samples - 1, quantile, confidence)) << quantile << " " << confidence;
    }
  }
}

TEST(QuantileIntervalTest, CoverageIsNeverBelowTheConfidence) {
  for (int64_t samples = 0; samples <= 400; ++samples) {
    for (const double quantile : {0.02, 0.5, 0.9, 0.99}) {
      const QuantileRanks ranks = QuantileIntervalRanks(samples, quantile, 0.95);
      EXPECT_GE(ranks.coverage, 0.95 - 1e-12) << samples << " " << quantile;
      EXPECT_LE(ranks.coverage, 1.0);
      if (ranks.lower && ranks.upper) {
        EXPECT_LT(*ranks.lower, *ranks.upper);
      }
    }
  }
}

TEST(QuantileIntervalTest, WithoutSamplesBothEndsAreMissing) {
  const QuantileRanks ranks = QuantileIntervalRanks(0, 0.5, 0.95);
  EXPECT_EQ(ranks.lower, std::nullopt);
  EXPECT_EQ(ranks.upper, std::nullopt);
  EXPECT_EQ(ranks.coverage, 1.0);
}

TEST(QuantileIntervalTest, AMillionSamples) {
  const QuantileRanks ranks = QuantileIntervalRanks(1'000'000, 0.99, 0.95);
  EXPECT_EQ(ranks.lower, 990'000 - 195);  // 1.96 sqrt(n q (1 - q)) = 195.
  EXPECT_EQ(ranks.upper, 990'000 + 196);
}

TEST(QuantileIntervalTest, EstimatesByRanks) {
  std::vector<double> samples(1000);
  std::iota(samples.begin(), samples.end(), 1.0);
  const QuantileEstimate estimate = EstimateQuantile(samples, 0.99, 0.95);
  EXPECT_EQ(estimate.value, 990.0);
  EXPECT_EQ(estimate.lower, 983.0);
  EXPECT_EQ(estimate.upper, 997.0);
  EXPECT_EQ(EstimateQuantile(samples, 0.999, 0.95).value, 999.0);
  EXPECT_EQ(EstimateQuantile(samples, 0.999, 0.95).upper, std::nullopt);
}

TEST(QuantileIntervalTest, OneSampleAndEqualSamples) {
  const QuantileEstimate one = EstimateQuantile(std::vector<double>{3.5}, 0.5, 0.95);
  EXPECT_EQ(one.value, 3.5);
  EXPECT_EQ(one.lower, std::nullopt);
  EXPECT_EQ(one.upper, std::nullopt);
  const QuantileEstimate equal = EstimateQuantile(std::vector<double>(50, 2.0), 0.5, 0.95);
  EXPECT_EQ(equal.lower, 2.0);
  EXPECT_EQ(equal.upper, 2.0);
}

TEST(QuantileIntervalTest, CoversAsPromised) {
  std::mt19937_64 random(1);
  std::exponential_distribution<> latency(1.0);
  constexpr int kDraws = 2000;
  const double p90 = std::log(10.0);
  int covered = 0;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<double> samples(200);
    for (double& sample : samples) sample = latency(random);
    std::sort(samples.begin(), samples.end());
    const QuantileEstimate estimate = EstimateQuantile(samples, 0.9, 0.95);
    if (*estimate.lower <= p90 && p90 <= *estimate.upper) ++covered;
  }
  const double promised = QuantileIntervalRanks(200, 0.9, 0.95).coverage;
  EXPECT_NEAR(covered / double{kDraws}, promised, 0.015);
}

TEST(QuantileIntervalDeathTest, RefusesTheEndsOfTheRange) {
  EXPECT_DEATH(QuantileIntervalRanks(10, 1.0, 0.95), "broken invariant");
  EXPECT_DEATH(EstimateQuantile({}, 0.5, 0.95), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
