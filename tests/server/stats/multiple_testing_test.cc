#include "server/stats/multiple_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "server/stats/distributions.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

void ExpectVectors(const std::vector<double>& actual, const nlohmann::json& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) EXPECT_THAT(actual[i], test::IsVector(expected[i]));
}

TEST(MultipleTestingTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("multiple_testing")) {
    SCOPED_TRACE(row.dump());
    const std::vector<double> p = row["p"];
    ExpectVectors(HolmAdjusted(p), row["holm"]);
    ExpectVectors(HochbergAdjusted(p), row["hochberg"]);
    ExpectVectors(BenjaminiHochbergAdjusted(p), row["bh"]);
  }
}

TEST(MultipleTestingTest, NothingGivesNothing) {
  EXPECT_TRUE(HolmAdjusted({}).empty());
  EXPECT_TRUE(HochbergAdjusted({}).empty());
  EXPECT_TRUE(BenjaminiHochbergAdjusted({}).empty());
  EXPECT_TRUE(HolmConfidences({}, 0.95).empty());
}

std::vector<double> RandomPValues(size_t count, std::mt19937_64& random) {
  std::vector<double> p(count);
  for (double& value : p) value = std::pow(std::uniform_real_distribution<>()(random), 4.0);
  return p;
}

TEST(MultipleTestingTest, TheStricterMethodNeverGivesLess) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const std::vector<double> p = RandomPValues(10, random);
    const std::vector<double> holm = HolmAdjusted(p);
    const std::vector<double> hochberg = HochbergAdjusted(p);
    const std::vector<double> benjamini_hochberg = BenjaminiHochbergAdjusted(p);
    for (size_t j = 0; j < p.size(); ++j) {
      EXPECT_LE(holm[j], std::min(1.0, 10.0 * p[j]) + 1e-15);
      EXPECT_LE(hochberg[j], holm[j] + 1e-15);
      EXPECT_LE(benjamini_hochberg[j], hochberg[j] + 1e-15);
      EXPECT_LE(p[j], benjamini_hochberg[j] + 1e-15);
    }
  }
}

TEST(MultipleTestingTest, SimultaneousConfidenceIsBonferronis) {
  EXPECT_DOUBLE_EQ(SimultaneousConfidence(0.95, 1), 0.95);
  EXPECT_DOUBLE_EQ(SimultaneousConfidence(0.95, 10), 0.995);
}

// An interval by the normal distribution around z excludes 0 just where |z| is beyond its half
// width.
TEST(MultipleTestingTest, IntervalsAtHolmsConfidencesExcludeWhatHolmRejects) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    const std::vector<double> p = RandomPValues(6, random);
    const std::vector<double> adjusted = HolmAdjusted(p);
    const std::vector<double> confidences = HolmConfidences(p, 0.95);
    for (size_t j = 0; j < p.size(); ++j) {
      const double z = NormalCritical(1.0 - p[j]);
      EXPECT_EQ(z > NormalCritical(confidences[j]), adjusted[j] <= 0.05) << p[j];
      EXPECT_GE(confidences[j], 0.95);
      EXPECT_LE(confidences[j], SimultaneousConfidence(0.95, 6));
    }
  }
}

TEST(MultipleTestingDeathTest, RefusesWhatIsNoProbability) {
  EXPECT_DEATH(HolmAdjusted(std::vector<double>{0.5, 1.5}), "broken invariant");
  EXPECT_DEATH(BenjaminiHochbergAdjusted(std::vector<double>{std::nan("")}), "broken invariant");
  EXPECT_DEATH(SimultaneousConfidence(0.95, 0), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
