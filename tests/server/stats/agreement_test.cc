#include "server/stats/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

TEST(AgreementTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("agreement")) {
    SCOPED_TRACE(row.dump());
    std::vector<int64_t> table;
    for (const auto& counts : row["confusion"]) {
      table.insert(table.end(), counts.begin(), counts.end());
    }
    const Agreement result = MeasureAgreement(table, static_cast<int>(row["confusion"].size()));
    EXPECT_THAT(result.share, test::IsOptionalVector(row["agreement"]));
    EXPECT_THAT(result.kappa, test::IsOptionalVector(row["kappa"]));
  }
}

TEST(AgreementTest, WithoutExamplesThereIsNone) {
  const Agreement result = MeasureAgreement(std::vector<int64_t>(9), 3);
  EXPECT_EQ(result.examples, 0);
  EXPECT_EQ(result.share, std::nullopt);
  EXPECT_EQ(result.kappa, std::nullopt);
}

TEST(AgreementTest, OfOneClassKappaSaysNothing) {
  const Agreement result = MeasureAgreement(std::vector<int64_t>{7}, 1);
  EXPECT_EQ(result.examples, 7);
  EXPECT_EQ(result.share, 1.0);
  EXPECT_EQ(result.kappa, std::nullopt);
}

TEST(AgreementTest, FullDisagreementIsBelowChance) {
  const Agreement result = MeasureAgreement(std::vector<int64_t>{0, 500'000, 500'000, 0}, 2);
  EXPECT_EQ(result.share, 0.0);
  EXPECT_EQ(result.kappa, -1.0);
}

}  // namespace
}  // namespace actium::stats
