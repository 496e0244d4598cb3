#include "server/stats/paired_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsInterval;
using test::IsIntervalVector;
using test::IsVector;

constexpr double kRootError = 1e-7;  // The vectors' limits of Tango's are found by search.

// Every table of `examples` examples.
std::vector<PairedCounts> Tables(int64_t examples) {
  std::vector<PairedCounts> tables;
  for (int64_t a = 0; a <= examples; ++a) {
    for (int64_t b = 0; a + b <= examples; ++b) {
      for (int64_t c = 0; a + b + c <= examples; ++c) {
        tables.push_back({.both_right = a,
                          .first_only = b,
                          .second_only = c,
                          .both_wrong = examples - a - b - c});
      }
    }
  }
  return tables;
}

PairedCounts Swapped(const PairedCounts& counts) {
  return {.both_right = counts.both_right,
          .first_only = counts.second_only,
          .second_only = counts.first_only,
          .both_wrong = counts.both_wrong};
}

std::string Text(const PairedCounts& counts) {
  return std::to_string(counts.both_right) + " " + std::to_string(counts.first_only) + " " +
         std::to_string(counts.second_only) + " " + std::to_string(counts.both_wrong);
}

using Method = Interval (*)(const PairedCounts&, double);
constexpr Method kMethods[] = {NewcombeInterval, TangoInterval};

TEST(PairedDifferenceTest, IntervalsAgreeWithTheVectors) {
  for (const auto& row : test::Vectors("paired_diff_ci")) {
    SCOPED_TRACE(row.dump());
    const PairedCounts counts = {.both_right = row["a"],
                                 .first_only = row["b"],
                                 .second_only = row["c"],
                                 .both_wrong = row["d"]};
    EXPECT_NEAR(counts.difference(), row["diff"].get<double>(), 1e-12);
    EXPECT_THAT(NewcombeInterval(counts, row["conf"]), IsIntervalVector(row["newcombe10"]));
    EXPECT_THAT(TangoInterval(counts, row["conf"]), IsInterval(row["tango"], kRootError));
  }
}

TEST(PairedDifferenceTest, NonInferiorityAgreesWithTheVectors) {
  for (const auto& row : test::Vectors("paired_noninferiority")) {
    SCOPED_TRACE(row.dump());
    const int64_t n = row["n"];
    const int64_t b = row["b"];
    const int64_t c = row["c"];
    const PairedCounts counts = {.both_right = n - b - c, .first_only = b, .second_only = c};
    const MarginTest result = PairedNonInferiority(counts, row["margin"]);
    EXPECT_THAT(result.z, IsVector(row["z"]));
    EXPECT_THAT(result.p, IsVector(row["p"]));
  }
}

TEST(PairedDifferenceTest, WithoutExamplesNothingIsKnown) {
  for (const Method method : kMethods) {
    EXPECT_EQ(method({}, 0.95).lower, -1.0);
    EXPECT_EQ(method({}, 0.95).upper, 1.0);
  }
  EXPECT_EQ(PairedNonInferiority({}, 0.01).p, 1.0);
  EXPECT_EQ(PairedEquivalence({}, 0.01).p, 1.0);
}

TEST(PairedDifferenceTest, EveryIntervalContainsTheEstimateAndIsMirroredBySwapping) {
  for (const PairedCounts& counts : Tables(8)) {
    SCOPED_TRACE(Text(counts));
    for (const Method method : kMethods) {
      const Interval interval = method(counts, 0.95);
      const Interval mirrored = method(Swapped(counts), 0.95);
      EXPECT_TRUE(interval.Contains(counts.difference()));
      EXPECT_TRUE(interval.Within({.lower = -1.0, .upper = 1.0}));
      EXPECT_LT(interval.lower, interval.upper);
      EXPECT_NEAR(interval.lower, -mirrored.upper, 1e-12);
      EXPECT_NEAR(interval.upper, -mirrored.lower, 1e-12);
      EXPECT_TRUE(interval.Within(method(counts, 0.999)));
    }
  }
}

// With p at a level where the interval ends at the margin, a little more confidence reaches beyond.
TEST(PairedDifferenceTest, TestsAgreeWithTangosInterval) {
  constexpr double kMargin = 0.2;
  for (const PairedCounts& counts : Tables(9)) {
    SCOPED_TRACE(Text(counts));
    const MarginTest one_sided = PairedNonInferiority(counts, kMargin);
    const MarginTest both_sides = PairedEquivalence(counts, kMargin);
    EXPECT_GE(both_sides.p, one_sided.p);
    for (const double alpha : {0.02, 0.05, 0.1}) {
      const Interval interval = TangoInterval(counts, 1.0 - 2.0 * alpha);
      EXPECT_EQ(one_sided.p<alpha, interval.lower> - kMargin);
      EXPECT_EQ(both_sides.p<alpha, interval.lower> - kMargin && interval.upper < kMargin);
    }
  }
}

TEST(PairedDifferenceTest, OneModelAlwaysRightTheOtherNever) {
  const Interval interval = TangoInterval({.first_only = 50}, 0.95);
  EXPECT_EQ(interval.upper, 1.0);
  constexpr double kSquaredZ = 1.959963984540 * 1.959963984540;
  EXPECT_NEAR(interval.lower, (50 - kSquaredZ) / (50 + kSquaredZ), 1e-9);
}

TEST(PairedDifferenceTest, AMillionExamples) {
  const PairedCounts counts = {
      .both_right = 900'000, .first_only = 25'500, .second_only = 24'500, .both_wrong = 50'000};
  const double half = 1.959964 * std::sqrt(50'000.0 - 1.0) / 1e6;  // Wald's, good at this size.
  for (const Method method : kMethods) {
    EXPECT_NEAR(method(counts, 0.95).lower, 0.001 - half, 1e-6);
    EXPECT_NEAR(method(counts, 0.95).upper, 0.001 + half, 1e-6);
  }
}

// Models that are right on 90.5 % and 90 % of examples and differ on 5.5 % of them.
PairedCounts Draw(int64_t examples, std::mt19937_64& random) {
  const auto draw = [&](int64_t trials, double success) {
    return std::binomial_distribution<int64_t>(trials, success)(random);
  };
  PairedCounts counts;
  counts.first_only = draw(examples, 0.03);
  counts.second_only = draw(examples - counts.first_only, 0.025 / 0.97);
  counts.both_right = draw(examples - counts.discordant(), 0.875 / 0.945);
  counts.both_wrong = examples - counts.discordant() - counts.both_right;
  return counts;
}

TEST(PairedDifferenceTest, CoversAsPromised) {
  constexpr int kDraws = 4000;
  for (const int64_t examples : {60, 300, 10'000}) {
    std::mt19937_64 random(1);
    for (const Method method : kMethods) {
      int covered = 0;
      for (int i = 0; i < kDraws; ++i) {
        if (method(Draw(examples, random), 0.95).Contains(0.005)) ++covered;
      }
      EXPECT_GE(covered, 0.94 * kDraws) << examples;
      // Of 60 examples three are discordant: both methods then cover almost always.
      if (examples > 60) {
        EXPECT_LE(covered, 0.965 * kDraws) << examples;
      }
    }
  }
}

TEST(PairedDifferenceDeathTest, RefusesWhatNoTableGives) {
  EXPECT_DEATH(TangoInterval({.first_only = -1}, 0.95), "broken invariant");
  EXPECT_DEATH(NewcombeInterval({.first_only = 1}, 0.0), "broken invariant");
  EXPECT_DEATH(PairedEquivalence({.first_only = 1}, 0.0), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
