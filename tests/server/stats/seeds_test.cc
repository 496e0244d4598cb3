#include "server/stats/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsIntervalVector;
using test::IsOptionalVector;

// Scores of about 90 leave 13 of a difference's digits.
void ExpectNear(double actual, const nlohmann::json& expected) {
  EXPECT_NEAR(actual, expected.get<double>(), 1e-9);
}

TEST(SeedsTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("paired_by_seed")) {
    SCOPED_TRACE(row.dump());
    const std::vector<double> first = row["first"];
    const std::vector<double> second = row["second"];
    const SeedComparison result = CompareBySeed(first, second, 0.95, 0.8);
    ExpectNear(result.difference.mean, row["mean"]);
    ExpectNear(result.difference.sd, row["sd"]);
    ExpectNear(result.difference.t, row["t"]);
    ExpectNear(result.difference.p, row["p"]);
    EXPECT_THAT(result.difference.interval, IsIntervalVector(row["ci95"]));
    EXPECT_THAT(result.hedges_g, IsOptionalVector(row["hedges_g"]));
  }
}

TEST(SeedsTest, OneSeedSaysNothingOfTheActivation) {
  const SeedComparison result =
      CompareBySeed(std::vector<double>{0.91}, std::vector<double>{0.89}, 0.95, 0.8);
  EXPECT_EQ(result.difference.p, 1.0);
  EXPECT_EQ(result.difference.interval.upper, std::numeric_limits<double>::infinity());
  EXPECT_EQ(result.hedges_g, std::nullopt);
  EXPECT_EQ(result.detectable, std::nullopt);
}

TEST(SeedsTest, TellsWhatSoManySeedsCouldHaveShown) {
  const std::vector<double> first = {0.912, 0.915, 0.911, 0.914, 0.913};
  const std::vector<double> second = {0.910, 0.916, 0.908, 0.913, 0.911};
  const SeedComparison result = CompareBySeed(first, second, 0.95, 0.8);
  ASSERT_TRUE(result.detectable.has_value());
  EXPECT_NEAR(*result.detectable, 1.68199696596 * result.difference.sd, 1e-9);
}

TEST(SeedsTest, EqualScoresHaveNoSpread) {
  const std::vector<double> scores(4, 0.9);
  const SeedComparison result = CompareBySeed(scores, scores, 0.95, 0.8);
  EXPECT_EQ(result.difference.p, 1.0);
  EXPECT_EQ(result.hedges_g, std::nullopt);
  EXPECT_EQ(result.detectable, 0.0);
}

TEST(SeedsDeathTest, RefusesUnpairedScores) {
  EXPECT_DEATH(CompareBySeed(std::vector<double>{0.9, 0.8}, std::vector<double>{0.9}, 0.95, 0.8),
               "broken invariant");
}

}  // namespace
}  // namespace actium::stats
