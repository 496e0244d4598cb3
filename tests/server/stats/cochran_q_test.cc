#include "server/stats/cochran_q.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

struct Table {
  std::vector<int64_t> right_by_variant;
  std::vector<int64_t> examples_by_right;
};

// From how often each pattern occurs: "101" is an example that variants 0 and 2 answered right.
Table FromPatterns(const nlohmann::json& patterns) {
  const size_t variants = patterns.begin().key().size();
  Table table;
  table.right_by_variant.resize(variants);
  table.examples_by_right.resize(variants + 1);
  for (const auto& [pattern, examples] : patterns.items()) {
    const auto count = examples.get<int64_t>();
    const auto right = std::count(pattern.begin(), pattern.end(), '1');
    table.examples_by_right[static_cast<size_t>(right)] += count;
    for (size_t i = 0; i < variants; ++i) {
      if (pattern[i] == '1') table.right_by_variant[i] += count;
    }
  }
  return table;
}

TEST(CochranQTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("cochran_q")) {
    SCOPED_TRACE(row.dump());
    const Table table = FromPatterns(row["patterns"]);
    const CochranQ result = CochranQTest(table.right_by_variant, table.examples_by_right);
    EXPECT_THAT(result.q, test::IsOptionalVector(row["q"]));
    EXPECT_EQ(result.degrees, row["df"].get<int>());
    EXPECT_THAT(result.p, test::IsVector(row["p"]));
  }
}

TEST(CochranQTest, OfTwoVariantsItIsMcnemarsChiSquared) {
  // b = 12, c = 5: (b - c)^2 / (b + c).
  const CochranQ result =
      CochranQTest(std::vector<int64_t>{62, 55}, std::vector<int64_t>{3, 17, 50});
  ASSERT_TRUE(result.q.has_value());
  EXPECT_DOUBLE_EQ(*result.q, 49.0 / 17.0);
}

TEST(CochranQTest, WithoutExamplesOrDifferencesPIsOne) {
  const CochranQ empty =
      CochranQTest(std::vector<int64_t>{0, 0, 0}, std::vector<int64_t>{0, 0, 0, 0});
  EXPECT_EQ(empty.q, std::nullopt);
  EXPECT_EQ(empty.p, 1.0);
  // Equally accurate, though on different examples.
  const CochranQ equal = CochranQTest(std::vector<int64_t>{5, 5}, std::vector<int64_t>{0, 10, 0});
  EXPECT_EQ(equal.q, 0.0);
  EXPECT_EQ(equal.p, 1.0);
}

TEST(CochranQTest, ABillionExamplesDoNotOverflow) {
  constexpr int64_t kBillion = 1'000'000'000;
  const CochranQ result = CochranQTest(std::vector<int64_t>{kBillion + 30'000, kBillion},
                                       std::vector<int64_t>{0, 2 * kBillion + 30'000, 0});
  ASSERT_TRUE(result.q.has_value());
  EXPECT_NEAR(*result.q, 0.45, 1e-4);
}

TEST(CochranQDeathTest, RefusesCountsThatAreNotOfOneTable) {
  EXPECT_DEATH(CochranQTest(std::vector<int64_t>{5, 5}, std::vector<int64_t>{0, 9, 0}),
               "broken invariant");
  EXPECT_DEATH(CochranQTest(std::vector<int64_t>{5}, std::vector<int64_t>{0, 5}),
               "broken invariant");
}

}  // namespace
}  // namespace actium::stats
