#include "server/stats/paired_t_power.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "server/stats/distributions.h"
#include "server/stats/paired_t.h"
#include "server/stats/verdict.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

TEST(PairedTPowerTest, PowerAgreesWithTheVectors) {
  for (const auto& row : test::Vectors("paired_t_power")) {
    SCOPED_TRACE(row.dump());
    const double effect = row["effect"];
    EXPECT_THAT(PairedTPower(row["pairs"], effect, 1.0, row["alpha"]),
                test::IsVector(row["power"]));
    EXPECT_THAT(PairedTPower(row["pairs"], effect * 0.3, 0.3, row["alpha"]),
                test::IsVector(row["power"]));
  }
}

TEST(PairedTPowerTest, DetectableDifferencesAgreeWithTheVectors) {
  for (const auto& row : test::Vectors("paired_t_detectable")) {
    SCOPED_TRACE(row.dump());
    EXPECT_THAT(DetectableMeanDifference(row["pairs"], 1.0, row["alpha"], row["power"]),
                test::IsOptionalVector(row["effect"]));
  }
}

// Accuracies of five seeds differ by some 0.3 points from pair to pair.
TEST(PairedTPowerTest, FiveSeedsDetectHalfAPoint) {
  EXPECT_NEAR(DetectableMeanDifference(5, 0.3, 0.05, 0.8).value(), 0.5, 0.01);
}

TEST(PairedTPowerTest, OnePairDetectsNothing) {
  EXPECT_EQ(DetectableMeanDifference(1, 0.3, 0.05, 0.8), std::nullopt);
  EXPECT_EQ(DetectableMeanDifference(0, 0.3, 0.05, 0.8), std::nullopt);
}

TEST(PairedTPowerTest, WithoutSpreadEveryDifferenceIsFound) {
  EXPECT_EQ(PairedTPower(2, 1e-6, 0.0, 0.05), 1.0);
  EXPECT_EQ(PairedTPower(2, 0.0, 0.0, 0.05), 0.05);
  EXPECT_EQ(DetectableMeanDifference(5, 0.0, 0.05, 0.8), 0.0);
}

TEST(PairedTPowerTest, ExtremeEffectsAreFoundForSure) {
  for (const int64_t pairs : {2, 5, 1000, 1'000'000}) {
    EXPECT_NEAR(PairedTPower(pairs, 1e6, 1.0, 0.05), 1.0, 1e-3) << pairs;
  }
}

TEST(PairedTPowerTest, AStrictLevelOfTwoPairsTakesALargeDifference) {
  const double difference = DetectableMeanDifference(2, 1.0, 0.05 / 55, 0.8).value();
  EXPECT_GT(difference, 500.0);
  EXPECT_NEAR(PairedTPower(2, difference, 1.0, 0.05 / 55), 0.8, 1e-9);
}

TEST(PairedTPowerTest, OfManyPairsItIsTheNormalDistributions) {
  for (const double shift : {0.5, 2.8, 5.0}) {
    const double z = NormalCritical(0.95);
    EXPECT_NEAR(PairedTPower(1'000'000, shift / 1000.0, 1.0, 0.05),
                NormalUpperTail(z - shift) + NormalUpperTail(z + shift), 2e-6);
  }
}

TEST(PairedTPowerTest, GrowsWithPairsAndWithTheDifference) {
  double last = 0.05;
  for (const int64_t pairs : {2, 3, 5, 10, 20, 50, 100}) {
    const double power = PairedTPower(pairs, 0.4, 1.0, 0.05);
    EXPECT_GT(power, last) << pairs;
    EXPECT_LT(power, PairedTPower(pairs, 0.5, 1.0, 0.05)) << pairs;
    last = power;
  }
}

// How often the interval of so many pairs decides.
double DecidedShare(int64_t pairs, double mean, double margin) {
  constexpr int kDraws = 4000;
  std::mt19937_64 random(1);
  std::normal_distribution<> normal(mean, 1.0);
  int decided = 0;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<double> values(static_cast<size_t>(pairs));
    for (double& value : values) value = normal(random);
    const Interval interval = PairedTTest(values, 0.95).interval;
    if (JudgeDifference(interval, margin) != Verdict::kUndecided) ++decided;
  }
  return decided / double{kDraws};
}

TEST(PairedTPowerTest, SoManyPairsDecideWithThePowerAskedFor) {
  struct Case {
    double mean;
    double margin;
  };
  for (const Case& given : {Case{1.0, 0.1}, Case{-0.5, 0.1}, Case{0.0, 0.5}, Case{0.2, 0.9}}) {
    const auto pairs = PairsForDecision(given.mean, 1.0, given.margin, 0.05, 0.8);
    ASSERT_TRUE(pairs.has_value());
    // More than asked for, since now and then the interval decides the other way.
    const double share = DecidedShare(*pairs, given.mean, given.margin);
    EXPECT_GE(share, 0.78) << given.mean << " " << *pairs;
    EXPECT_LE(share, 0.92) << given.mean << " " << *pairs;
  }
}

TEST(PairedTPowerTest, ADecisionTakesTwoPairsAtLeastAndAMillionAtMost) {
  EXPECT_EQ(PairsForDecision(1.0, 0.0, 0.1, 0.05, 0.8), 2);
  EXPECT_EQ(PairsForDecision(0.0, 0.0, 0.1, 0.05, 0.8), 2);
  EXPECT_EQ(PairsForDecision(0.1, 1e6, 0.1, 0.05, 0.8), std::nullopt);
}

}  // namespace
}  // namespace actium::stats
