#include "server/stats/paired_ratio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "server/stats/verdict.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsIntervalVector;
using test::IsVector;

TEST(PairedRatioTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("paired_latency")) {
    SCOPED_TRACE(row.dump());
    const std::vector<double> baseline = row["a"];
    const std::vector<double> variant = row["b"];
    const PairedRatio result = EstimatePairedRatio(baseline, variant, 0.95);
    EXPECT_THAT(result.ratio, IsVector(row["ratio"]));
    EXPECT_THAT(result.interval, IsIntervalVector(row["ratio_ci95"]));
    EXPECT_THAT(result.ln_ratio.t, IsVector(row["t"]));
    EXPECT_THAT(result.ln_ratio.p, IsVector(row["p"]));
    EXPECT_THAT(result.signed_rank.statistic, IsVector(row["wilcoxon_W"]));
    EXPECT_THAT(result.signed_rank.p, IsVector(row["wilcoxon_p_exact"]));
    EXPECT_THAT(result.hodges_lehmann_ratio, IsVector(row["hl_ratio"]));
    EXPECT_THAT(result.hodges_lehmann_interval, IsIntervalVector(row["hl_ratio_ci95"]));
    EXPECT_THAT(result.hodges_lehmann_coverage, IsVector(row["hl_coverage"]));
    const double margin = row["margin"].get<double>() - 1.0;
    EXPECT_THAT(RatioNonInferiorityP(result, margin), IsVector(row["p_noninferior_b"]));
    EXPECT_THAT(RatioEquivalenceP(result, margin), IsVector(row["p_tost"]));
  }
}

TEST(PairedRatioTest, OneRoundLeavesEveryRatioPossible) {
  const PairedRatio result =
      EstimatePairedRatio(std::vector<double>{2.0}, std::vector<double>{3.0}, 0.95);
  EXPECT_DOUBLE_EQ(result.ratio, 1.5);
  EXPECT_EQ(result.interval.lower, 0.0);
  EXPECT_EQ(result.interval.upper, std::numeric_limits<double>::infinity());
  EXPECT_EQ(result.hodges_lehmann_interval.lower, 0.0);
  EXPECT_EQ(JudgeRatio(result.interval, 0.03), Verdict::kUndecided);
  EXPECT_EQ(RatioEquivalenceP(result, 0.03), 1.0);
  EXPECT_EQ(RoundsForDecision(result, 0.03, 0.95, 0.8), std::nullopt);
}

TEST(PairedRatioTest, EqualTimesAreEquivalent) {
  const std::vector<double> times = {1.5, 2.5, 0.5, 1.0};
  const PairedRatio result = EstimatePairedRatio(times, times, 0.95);
  EXPECT_EQ(result.ratio, 1.0);
  EXPECT_EQ(result.ln_ratio.p, 1.0);
  EXPECT_EQ(result.signed_rank.p, 1.0);
  EXPECT_EQ(JudgeRatio(result.interval, 0.03), Verdict::kEquivalent);
}

TEST(PairedRatioTest, SwappingInvertsAndTheUnitDoesNotMatter) {
  const std::vector<double> baseline = {1.0, 1.1, 0.9, 1.2, 1.05, 0.97, 1.3};
  const std::vector<double> variant = {1.1, 1.15, 0.95, 1.3, 1.0, 1.07, 1.35};
  std::vector<double> nanoseconds = variant;
  for (double& time : nanoseconds) time *= 1e6;
  std::vector<double> baseline_nanoseconds = baseline;
  for (double& time : baseline_nanoseconds) time *= 1e6;

  const PairedRatio one = EstimatePairedRatio(baseline, variant, 0.95);
  const PairedRatio inverse = EstimatePairedRatio(variant, baseline, 0.95);
  const PairedRatio scaled = EstimatePairedRatio(baseline_nanoseconds, nanoseconds, 0.95);
  EXPECT_NEAR(one.interval.lower, 1.0 / inverse.interval.upper, 1e-12);
  EXPECT_NEAR(one.hodges_lehmann_interval.upper, 1.0 / inverse.hodges_lehmann_interval.lower,
              1e-12);
  EXPECT_NEAR(one.ratio, scaled.ratio, 1e-12);
  EXPECT_NEAR(one.interval.upper, scaled.interval.upper, 1e-12);
}

// Rounds share the machine's state, 10 % from one to the next; variants differ by 1 % within one.
struct Rounds {
  std::vector<double> baseline;
  std::vector<double> variant;
};

Rounds Draw(int count, double ratio, std::mt19937_64& random) {
  std::normal_distribution<> shared(0.0, 0.1);
  std::normal_distribution<> own(0.0, 0.01);
  Rounds rounds;
  for (int i = 0; i < count; ++i) {
    const double state = std::exp(shared(random));
    rounds.baseline.push_back(state * std::exp(own(random)));
    rounds.variant.push_back(state * ratio * std::exp(own(random)));
  }
  return rounds;
}

int CountVerdicts(Verdict verdict, double ratio, int comparisons) {
  std::mt19937_64 random(1);
  int count = 0;
  for (int i = 0; i < comparisons; ++i) {
    const Rounds rounds = Draw(20, ratio, random);
    const PairedRatio result = EstimatePairedRatio(rounds.baseline, rounds.variant, 0.95);
    if (JudgeRatio(result.interval, 0.03) == verdict) ++count;
  }
  return count;
}

TEST(PairedRatioTest, PairingFindsASmallDifferenceInALargeSpread) {
  EXPECT_GE(CountVerdicts(Verdict::kHigher, 1.05, 200), 198);
  EXPECT_GE(CountVerdicts(Verdict::kLower, 1.0 / 1.05, 200), 198);
}

TEST(PairedRatioTest, EqualVariantsAreNotToldApart) {
  EXPECT_GE(CountVerdicts(Verdict::kEquivalent, 1.0, 200), 198);
}

TEST(PairedRatioTest, ASmallDifferenceTakesMoreRounds) {
  std::mt19937_64 random(2);
  const Rounds rounds = Draw(10, 1.02, random);
  const PairedRatio result = EstimatePairedRatio(rounds.baseline, rounds.variant, 0.95);
  const auto few = RoundsForDecision(result, 0.5, 0.95, 0.8);
  const auto many = RoundsForDecision(result, 0.03, 0.95, 0.8);
  ASSERT_TRUE(few.has_value());
  ASSERT_TRUE(many.has_value());
  EXPECT_LE(*few, *many);
  EXPECT_LT(*many, 100);
}

TEST(PairedRatioDeathTest, RefusesTimesThatCannotBe) {
  const std::vector<double> good = {1.0, 2.0};
  EXPECT_DEATH(EstimatePairedRatio(good, std::vector<double>{1.0}, 0.95), "broken invariant");
  EXPECT_DEATH(EstimatePairedRatio(good, std::vector<double>{1.0, 0.0}, 0.95), "broken invariant");
  EXPECT_DEATH(EstimatePairedRatio(good, std::vector<double>{1.0, std::nan("")}, 0.95),
               "broken invariant");
}

}  // namespace
}  // namespace actium::stats
