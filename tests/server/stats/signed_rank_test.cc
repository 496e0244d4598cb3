#include "server/stats/signed_rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsIntervalVector;
using test::IsVector;

TEST(SignedRankTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("signed_rank")) {
    SCOPED_TRACE(row.dump());
    const std::vector<double> differences = row["differences"];
    const SignedRank result = SignedRankTest(differences);
    EXPECT_EQ(result.pairs, row["pairs"].get<int64_t>());
    EXPECT_THAT(result.statistic, IsVector(row["W"]));
    EXPECT_THAT(result.p, IsVector(row["p"]));

    const HodgesLehmann centre = HodgesLehmannInterval(differences, row["conf"]);
    EXPECT_THAT(centre.estimate, IsVector(row["hl"]));
    EXPECT_THAT(centre.coverage, IsVector(row["ci_coverage"]));
    if (row["hl_ci"].is_null()) {
      EXPECT_EQ(centre.interval.lower, -std::numeric_limits<double>::infinity());
      EXPECT_EQ(centre.interval.upper, std::numeric_limits<double>::infinity());
    } else {
      EXPECT_THAT(centre.interval, IsIntervalVector(row["hl_ci"]));
    }
  }
}

// The least p of five pairs is 1/16.
TEST(SignedRankTest, TheIntervalIsBoundedFromTheLeastPOn) {
  const std::vector<double> values = {0.1, 0.2, 0.3, 0.4, 0.5};
  EXPECT_EQ(SignedRankTest(values).p, 0.0625);
  const HodgesLehmann bounded = HodgesLehmannInterval(values, 0.9375);
  EXPECT_EQ(bounded.coverage, 0.9375);
  EXPECT_EQ(bounded.interval.lower, 0.1);
  EXPECT_EQ(bounded.interval.upper, 0.5);
  EXPECT_EQ(HodgesLehmannInterval(values, 0.94).coverage, 1.0);
}

TEST(SignedRankTest, EqualDifferencesHaveAPoint) {
  const HodgesLehmann centre = HodgesLehmannInterval(std::vector<double>(8, 0.25), 0.95);
  EXPECT_EQ(centre.estimate, 0.25);
  EXPECT_EQ(centre.interval.lower, 0.25);
  EXPECT_EQ(centre.interval.upper, 0.25);
}

std::vector<double> Draw(size_t count, double centre, std::mt19937_64& random) {
  std::normal_distribution<> normal(centre, 1.0);
  std::vector<double> values(count);
  for (double& value : values) value = normal(random);
  return values;
}

// At sizes around the change from the exact to the normal distribution, too.
TEST(SignedRankTest, TheIntervalExcludesZeroJustWhereTheTestRejects) {
  std::mt19937_64 random(1);
  for (const size_t count : {6u, 7u, 12u, 40u, 99u, 100u, 101u, 150u}) {
    for (int i = 0; i < 60; ++i) {
      const double centre = 2.0 / std::sqrt(static_cast<double>(count));
      const std::vector<double> values = Draw(count, centre, random);
      const bool excludes = !HodgesLehmannInterval(values, 0.95).interval.Contains(0.0);
      EXPECT_EQ(excludes, SignedRankTest(values).p <= 0.05) << count;
    }
  }
}

TEST(SignedRankTest, ExactAndNormalMeet) {
  std::mt19937_64 random(2);
  std::vector<double> values = Draw(101, 0.2, random);
  const double normal = SignedRankTest(values).p;
  // One tiny difference less changes each rank by one and nothing else.
  std::vector<double> scaled = values;
  scaled.erase(std::min_element(scaled.begin(), scaled.end(),
                                [](double a, double b) { return std::abs(a) < std::abs(b); }));
  EXPECT_NEAR(SignedRankTest(scaled).p, normal, 0.02 * normal + 0.005);
}

TEST(SignedRankTest, TheSignDoesNotMatterAndTheIntervalIsMirrored) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) {
    const std::vector<double> values = Draw(15, 0.3, random);
    std::vector<double> mirrored = values;
    for (double& value : mirrored) value = -value;
    EXPECT_EQ(SignedRankTest(values).p, SignedRankTest(mirrored).p);
    const HodgesLehmann one = HodgesLehmannInterval(values, 0.95);
    const HodgesLehmann other = HodgesLehmannInterval(mirrored, 0.95);
    EXPECT_EQ(one.interval.lower, -other.interval.upper);
    EXPECT_TRUE(one.interval.Contains(one.estimate));
  }
}

TEST(SignedRankTest, AnOutlierHardlyMatters) {
  std::vector<double> values = {0.01, 0.02, 0.015, 0.012, 0.018, 0.011, 0.016, 0.013};
  const HodgesLehmann before = HodgesLehmannInterval(values, 0.95);
  values[0] = 1000.0;
  const HodgesLehmann after = HodgesLehmannInterval(values, 0.95);
  EXPECT_NEAR(after.estimate, before.estimate, 0.005);
}

TEST(SignedRankTest, CoversAsPromised) {
  std::mt19937_64 random(4);
  constexpr int kDraws = 3000;
  int covered = 0;
  double promised = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const HodgesLehmann centre = HodgesLehmannInterval(Draw(20, 5.0, random), 0.95);
    if (centre.interval.Contains(5.0)) ++covered;
    promised = centre.coverage;
  }
  EXPECT_NEAR(covered / double{kDraws}, promised, 0.012);
}

TEST(SignedRankDeathTest, RefusesNaN) {
  EXPECT_DEATH(SignedRankTest(std::vector<double>{1.0, std::nan("")}), "broken invariant");
  EXPECT_DEATH(HodgesLehmannInterval({}, 0.95), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
