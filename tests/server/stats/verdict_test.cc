#include "server/stats/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <string>

namespace actium::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  Interval interval;
  Verdict verdict;
};

void PrintTo(const Case& given, std::ostream* out) { *out << given.name; }

class RatioVerdictTest : public ::testing::TestWithParam<Case> {};

TEST_P(RatioVerdictTest, FollowsThePrecedence) {
  EXPECT_EQ(JudgeRatio(GetParam().interval, 0.03), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, RatioVerdictTest,
    ::testing::Values(
        Case{"WithinTheMarginIsEquivalent", {0.98, 1.02}, Verdict::kEquivalent},
        Case{"SmallAndCertainIsEquivalent", {1.01, 1.02}, Verdict::kEquivalent},
        Case{"TheMarginBelongsToItself", {1.0 / 1.03, 1.03}, Verdict::kEquivalent},
        Case{"BelowOneIsLower", {0.9, 0.99}, Verdict::kLower},
        Case{"AboveOneIsHigher", {1.01, 1.2}, Verdict::kHigher},
        Case{"AcrossOneAndTheMarginIsUndecided", {0.99, 1.04}, Verdict::kUndecided},
        Case{"WideIsUndecided", {0.5, 2.0}, Verdict::kUndecided},
        Case{"EndingAtOneIsUndecided", {0.9, 1.0}, Verdict::kUndecided},
        Case{"TheLowerMarginIsNarrowerThanThreePercent", {0.9705, 1.0}, Verdict::kUndecided},
        Case{"UnboundedIsUndecided", {0.0, kInfinity}, Verdict::kUndecided},
        Case{"APointAtOneIsEquivalent", {1.0, 1.0}, Verdict::kEquivalent}),
    [](const auto& test) { return test.param.name; });

class DifferenceVerdictTest : public ::testing::TestWithParam<Case> {};

TEST_P(DifferenceVerdictTest, FollowsThePrecedence) {
  EXPECT_EQ(JudgeDifference(GetParam().interval, 0.005), GetParam().verdict);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DifferenceVerdictTest,
    ::testing::Values(Case{"WithinTheMarginIsEquivalent", {-0.004, 0.003}, Verdict::kEquivalent},
                      Case{"SmallAndCertainIsEquivalent", {0.001, 0.004}, Verdict::kEquivalent},
                      Case{"BelowZeroIsLower", {-0.02, -0.001}, Verdict::kLower},
                      Case{"AboveZeroIsHigher", {0.001, 0.02}, Verdict::kHigher},
                      Case{
                          "AcrossZeroAndTheMarginIsUndecided", {-0.001, 0.02}, Verdict::kUndecided},
                      Case{"EndingAtZeroIsUndecided", {0.0, 0.02}, Verdict::kUndecided},
                      Case{"EverythingIsUndecided", {-1.0, 1.0}, Verdict::kUndecided}),
    [](const auto& test) { return test.param.name; });

TEST(VerdictDeathTest, RefusesWhatIsNoInterval) {
  EXPECT_DEATH(JudgeRatio({.lower = std::nan(""), .upper = 1.0}, 0.03), "broken invariant");
  EXPECT_DEATH(JudgeRatio({.lower = 2.0, .upper = 1.0}, 0.03), "broken invariant");
  EXPECT_DEATH(JudgeDifference({.lower = -1.0, .upper = 1.0}, 0.0), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
