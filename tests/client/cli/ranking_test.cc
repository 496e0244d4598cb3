#include "client/cli/ranking.h"

#include <gtest/gtest.h>

#include <vector>

namespace actium::cli {
namespace {

TEST(RankTest, SoftmaxesLogitsAndLeavesProbabilities) {
  const auto ranked = [](std::vector<double> scores, int64_t classes) {
    std::vector<client::Class> row;
    for (const double score : scores) row.push_back({score, 0, ""});
    return Rank({row}, classes)[0].probabilities;
  };
  EXPECT_NEAR(ranked({2, 0}, 2)[0], 0.880797, 1e-6);
  EXPECT_EQ(ranked({0.7, 0.3}, 2)[0], 0.7);
  EXPECT_NEAR(ranked({1000, 0}, 2)[0], 1, 1e-9) << "no overflow";
  EXPECT_TRUE(ranked({2, 0}, 3).empty()) << "not all classes are there";
}

}  // namespace
}  // namespace actium::cli
