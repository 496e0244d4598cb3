#include "server/stats/welch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsInterval;
using test::IsOptionalVector;
using test::IsVector;

Summary FromJson(const nlohmann::json& row) {
  return {.mean = row[0], .sd = row[1], .count = row[2]};
}

TEST(WelchTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("welch_from_stats")) {
    SCOPED_TRACE(row.dump());
    const Welch result =
        WelchTest(FromJson(row["a_mean_sd_n"]), FromJson(row["b_mean_sd_n"]), 0.95);
    EXPECT_THAT(result.t, IsVector(row["t"]));
    EXPECT_THAT(result.degrees, IsVector(row["df"]));
    EXPECT_THAT(result.p, IsVector(row["p"]));
    EXPECT_THAT(result.interval, IsInterval(row["diff_ci95"], test::kVectorError));
    EXPECT_THAT(result.hedges_g, IsOptionalVector(row["hedges_g"]));
  }
}

TEST(WelchTest, WithoutSpreadADifferenceIsCertain) {
  const Summary high = {.mean = 2.0, .sd = 0.0, .count = 3};
  const Summary low = {.mean = 1.0, .sd = 0.0, .count = 3};
  const Welch different = WelchTest(high, low, 0.95);
  EXPECT_EQ(different.t, std::numeric_limits<double>::infinity());
  EXPECT_EQ(different.p, 0.0);
  EXPECT_EQ(different.interval.lower, 1.0);
  EXPECT_EQ(different.hedges_g, std::nullopt);
  const Welch equal = WelchTest(high, high, 0.95);
  EXPECT_EQ(equal.t, 0.0);
  EXPECT_EQ(equal.p, 1.0);
}

TEST(WelchTest, SwappingTurnsTheSign) {
  const Summary one = {.mean = 91.2, .sd = 0.2, .count = 10};
  const Summary other = {.mean = 91.0, .sd = 0.4, .count = 8};
  const Welch result = WelchTest(one, other, 0.95);
  const Welch swapped = WelchTest(other, one, 0.95);
  EXPECT_DOUBLE_EQ(result.t, -swapped.t);
  EXPECT_DOUBLE_EQ(result.p, swapped.p);
  EXPECT_DOUBLE_EQ(result.interval.lower, -swapped.interval.upper);
}

TEST(WelchDeathTest, RefusesASingleRun) {
  const Summary one = {.mean = 1.0, .sd = 0.0, .count = 1};
  EXPECT_DEATH(WelchTest(one, one, 0.95), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
