#include "server/stats/friedman.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using ::testing::ElementsAre;

TEST(FriedmanTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("friedman")) {
    SCOPED_TRACE(row.dump());
    std::vector<double> values;
    for (const auto& block : row["rows_are_seeds"]) {
      values.insert(values.end(), block.begin(), block.end());
    }
    const Friedman result = FriedmanTest(values, static_cast<int>(row["rows_are_seeds"][0].size()));
    EXPECT_THAT(result.chi_squared, test::IsOptionalVector(row["chi2"]));
    EXPECT_EQ(result.degrees, row["df"].get<int>());
    EXPECT_THAT(result.p, test::IsVector(row["p"]));
    ASSERT_EQ(result.mean_ranks.size(), row["mean_rank_1_is_best"].size());
    for (size_t i = 0; i < result.mean_ranks.size(); ++i) {
      EXPECT_THAT(result.mean_ranks[i], test::IsVector(row["mean_rank_1_is_best"][i]));
    }
  }
}

TEST(FriedmanTest, EqualValuesShowNothing) {
  const Friedman result = FriedmanTest(std::vector<double>(6, 0.9), 3);
  EXPECT_EQ(result.chi_squared, std::nullopt);
  EXPECT_EQ(result.p, 1.0);
  EXPECT_THAT(result.mean_ranks, ElementsAre(2.0, 2.0, 2.0));
}

TEST(FriedmanTest, OfOneBlockItIsDefined) {
  const Friedman result = FriedmanTest(std::vector<double>{3.0, 1.0, 2.0}, 3);
  EXPECT_THAT(result.mean_ranks, ElementsAre(1.0, 3.0, 2.0));
  EXPECT_DOUBLE_EQ(result.chi_squared.value(), 2.0);
}

TEST(FriedmanTest, OnlyTheOrderMatters) {
  const std::vector<double> values = {3.0, 1.0, 2.0, 2.5, 0.1, 9.0};
  std::vector<double> stretched = values;
  for (double& value : stretched) value = std::exp(value);
  EXPECT_EQ(FriedmanTest(values, 3).p, FriedmanTest(stretched, 3).p);
}

TEST(FriedmanDeathTest, RefusesIncompleteBlocksAndNaN) {
  EXPECT_DEATH(FriedmanTest(std::vector<double>{1.0, 2.0, 3.0}, 2), "broken invariant");
  EXPECT_DEATH(FriedmanTest({}, 2), "broken invariant");
  EXPECT_DEATH(FriedmanTest(std::vector<double>{1.0, std::nan("")}, 2), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
