#include "server/stats/mcnemar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "server/stats/distributions.h"
#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsVector;

Mcnemar TestOf(int64_t first_only, int64_t second_only) {
  return McnemarTest({.first_only = first_only, .second_only = second_only});
}

TEST(McnemarTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("mcnemar")) {
    SCOPED_TRACE(row.dump());
    const Mcnemar result = TestOf(row["b"], row["c"]);
    EXPECT_THAT(result.exact_p, IsVector(row["exact"]));
    EXPECT_THAT(result.mid_p, IsVector(row["midp"]));
  }
}

TEST(McnemarTest, ConcordantExamplesSayNothing) {
  const PairedCounts few = {.both_right = 1, .first_only = 7, .second_only = 2, .both_wrong = 0};
  const PairedCounts many = {
      .both_right = 100'000, .first_only = 7, .second_only = 2, .both_wrong = 900};
  EXPECT_EQ(McnemarTest(few).mid_p, McnemarTest(many).mid_p);
}

TEST(McnemarTest, IsSymmetricAndMidPIsNeverLarger) {
  for (int64_t b = 0; b <= 40; ++b) {
    for (int64_t c = 0; c <= b; ++c) {
      const Mcnemar result = TestOf(b, c);
      EXPECT_EQ(result.exact_p, TestOf(c, b).exact_p);
      EXPECT_EQ(result.mid_p, TestOf(c, b).mid_p);
      EXPECT_LE(result.mid_p, result.exact_p);
      EXPECT_GT(result.mid_p, 0.0);
      EXPECT_LE(result.exact_p, 1.0);
    }
  }
}

TEST(McnemarTest, AMillionDiscordantExamples) {
  EXPECT_NEAR(TestOf(501'000, 499'000).mid_p, 0.0455, 1e-4);  // z = 2.
  EXPECT_EQ(TestOf(500'000, 500'000).exact_p, 1.0);
  EXPECT_EQ(TestOf(1'000'000, 0).exact_p, 0.0);
}

struct Level {
  double exact = 0.0;
  double mid = 0.0;
};

// How often each p value of two equal models is at most 0.05, given the number of discordant
// examples.
Level LevelOf(int64_t discordant) {
  Level level;
  for (int64_t b = 0; b <= discordant; ++b) {
    const Mcnemar result = TestOf(b, discordant - b);
    const double chance = discordant == 0 ? 1.0 : BinomialPmf(b, discordant, 0.5);
    if (result.exact_p <= 0.05) level.exact += chance;
    if (result.mid_p <= 0.05) level.mid += chance;
  }
  return level;
}

TEST(McnemarTest, KeepsItsLevel) {
  constexpr int64_t kExamples = 200;
  std::vector<Level> levels;
  for (int64_t discordant = 0; discordant <= kExamples; ++discordant) {
    levels.push_back(LevelOf(discordant));
    EXPECT_LE(levels.back().exact, 0.05) << discordant;
  }
  for (const double discordance : {0.01, 0.03, 0.05, 0.1, 0.2, 0.5, 0.9}) {
    double mid = 0.0;
    double exact = 0.0;
    for (int64_t discordant = 0; discordant <= kExamples; ++discordant) {
      const double chance = BinomialPmf(discordant, kExamples, discordance);
      mid += chance * levels[static_cast<size_t>(discordant)].mid;
      exact += chance * levels[static_cast<size_t>(discordant)].exact;
    }
    EXPECT_LE(mid, 0.053) << discordance;
    EXPECT_GE(mid, exact);
    if (discordance >= 0.1) {
      EXPECT_GE(mid, 0.045) << discordance;
    }
  }
}

}  // namespace
}  // namespace actium::stats
