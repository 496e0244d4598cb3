#include "server/stats/paired_sample_size.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "server/stats/paired_difference.h"
#include "server/stats/verdict.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsOptionalVector;

TEST(PairedSampleSizeTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("mcnemar_sample_size")) {
    SCOPED_TRACE(row.dump());
    const double psi = row["psi"];
    EXPECT_EQ(ExamplesToShowDifference(row["delta"], psi, row["alpha"], row["power"]),
              row["n"].get<int64_t>());
    EXPECT_THAT(DetectableAccuracyDifference(10'000, psi, row["alpha"], row["power"]),
                IsOptionalVector(row["mde_at_n10000"]));
  }
}

TEST(PairedSampleSizeTest, TheDetectableDifferenceNeedsAsManyExamples) {
  for (const double power : {0.3, 0.5, 0.8, 0.99}) {
    for (const int64_t examples : {500, 5000, 1'000'000}) {
      const auto difference = DetectableAccuracyDifference(examples, 0.08, 0.01, power);
      ASSERT_TRUE(difference.has_value()) << examples << " " << power;
      EXPECT_NEAR(static_cast<double>(ExamplesToShowDifference(*difference, 0.08, 0.01, power)),
                  static_cast<double>(examples), 1.0);
    }
  }
}

TEST(PairedSampleSizeTest, TheSignDoesNotMatter) {
  EXPECT_EQ(ExamplesToShowDifference(-0.01, 0.05, 0.05, 0.8),
            ExamplesToShowDifference(0.01, 0.05, 0.05, 0.8));
}

TEST(PairedSampleSizeTest, TooFewExamplesDetectNothing) {
  EXPECT_EQ(DetectableAccuracyDifference(0, 0.05, 0.05, 0.8), std::nullopt);
  EXPECT_EQ(DetectableAccuracyDifference(1, 0.05, 0.05, 0.8), std::nullopt);
  EXPECT_EQ(DetectableAccuracyDifference(100, 0.05, 0.05, 0.8), std::nullopt);
  EXPECT_TRUE(DetectableAccuracyDifference(200, 0.05, 0.05, 0.8).has_value());
}

TEST(PairedSampleSizeTest, ModelsThatNeverDifferShowNoDifference) {
  EXPECT_EQ(DetectableAccuracyDifference(10'000, 0.0, 0.05, 0.8), std::nullopt);
}

TEST(PairedSampleSizeTest, ATinyDifferenceDoesNotOverflow) {
  EXPECT_EQ(ExamplesToShowDifference(1e-12, 0.05, 0.05, 0.8), int64_t{1} << 53);
}

TEST(PairedSampleSizeTest, ADecisionIsTheEasierOfBoth) {
  // Far from equal: to show the difference. Near it: to show that they are equivalent.
  EXPECT_EQ(ExamplesForDecision(0.02, 0.05, 0.005, 0.05, 0.8),
            ExamplesToShowDifference(0.02, 0.05, 0.05, 0.8));
  EXPECT_LT(ExamplesForDecision(0.0005, 0.05, 0.005, 0.05, 0.8),
            ExamplesToShowDifference(0.0005, 0.05, 0.05, 0.8));
  EXPECT_GT(ExamplesForDecision(0.0, 0.05, 0.005, 0.05, 0.8), 1000);
}

// Models without a discordant example become equivalent when the interval is narrow enough.
TEST(PairedSampleSizeTest, WithoutDiscordanceItIsWhereTangosIntervalIsWithinTheMargin) {
  const int64_t examples = ExamplesForDecision(0.0, 0.0, 0.005, 0.05, 0.8);
  EXPECT_LE(TangoInterval({.both_right = examples}, 0.95).upper, 0.005);
  EXPECT_GT(TangoInterval({.both_right = examples - 1}, 0.95).upper, 0.005);
}

struct Rates {
  double first_only;
  double second_only;
};

// How often `examples` examples decide.
double DecidedShare(Rates rates, int64_t examples, double margin) {
  constexpr int kDraws = 2000;
  std::mt19937_64 random(1);
  int decided = 0;
  for (int i = 0; i < kDraws; ++i) {
    PairedCounts counts;
    counts.first_only = std::binomial_distribution<int64_t>(examples, rates.first_only)(random);
    counts.second_only = std::binomial_distribution<int64_t>(
        examples - counts.first_only, rates.second_only / (1.0 - rates.first_only))(random);
    counts.both_right = examples - counts.discordant();
    const Verdict verdict = JudgeDifference(TangoInterval(counts, 0.95), margin);
    if (verdict != Verdict::kUndecided) ++decided;
  }
  return static_cast<double>(decided) / kDraws;
}

TEST(PairedSampleSizeTest, SoManyExamplesDecideWithThePowerAskedFor) {
  for (const Rates rates : {Rates{0.03, 0.02}, Rates{0.025, 0.025}, Rates{0.04, 0.01}}) {
    const int64_t examples =
        ExamplesForDecision(rates.first_only - rates.second_only,
                            rates.first_only + rates.second_only, 0.005, 0.05, 0.8);
    EXPECT_NEAR(DecidedShare(rates, examples, 0.005), 0.8, 0.06) << rates.first_only;
  }
}

TEST(PairedSampleSizeDeathTest, RefusesRatesThatCannotBe) {
  EXPECT_DEATH(ExamplesToShowDifference(0.06, 0.05, 0.05, 0.8), "broken invariant");
  EXPECT_DEATH(ExamplesToShowDifference(0.0, 0.05, 0.05, 0.8), "broken invariant");
  EXPECT_DEATH(ExamplesForDecision(0.0, 0.05, 0.0, 0.05, 0.8), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
