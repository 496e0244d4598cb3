#include "server/compare/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace actium::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Tally Count(ScoreKind kind, int top_k, std::vector<std::pair<std::vector<double>, int>> examples) {
  Tally tally(3, top_k, kind);
  for (auto& [scores, label] : examples) tally.Add(scores, label);
  return tally;
}

TEST(TallyTest, CountsByClass) {
  const Tally tally = Count(ScoreKind::kProbabilities, 2,
                            {{{0.6, 0.3, 0.1}, 0}, {{0.2, 0.5, 0.3}, 2}, {{0.1, 0.8, 0.1}, 1}});
  EXPECT_EQ(tally.examples(), 3);
  EXPECT_EQ(tally.correct(), 2);
  EXPECT_EQ(tally.correct_in_top_k(), 3);
  EXPECT_THAT(tally.predicted(), ElementsAre(0, 1, 1));
  EXPECT_THAT(tally.confidence(), ElementsAre(0.6f, 0.5f, 0.8f));
  EXPECT_THAT(tally.confusion(), ElementsAre(1, 0, 0, 0, 1, 0, 0, 1, 0));
  EXPECT_THAT(tally.of_class(), ElementsAre(1, 1, 1));
  EXPECT_THAT(tally.correct_of_class(), ElementsAre(1, 1, 0));
}

TEST(TallyTest, LogitsBecomeProbabilities) {
  const Tally tally = Count(ScoreKind::kLogits, 1, {{{std::log(2.0), 0.0, 0.0}, 0}});
  EXPECT_NEAR(tally.confidence()[0], 0.5, 1e-7);
  EXPECT_NEAR(tally.calibration().negative_log_likelihood, std::log(2.0), 1e-12);
}

TEST(TallyTest, WhatIsNotFiniteIsWrongAndInNoCell) {
  const Tally tally =
      Count(ScoreKind::kLogits, 3, {{{std::nan(""), 0, 0}, 0}, {{0.0, 0.0, 9.0}, 2}});
  EXPECT_EQ(tally.examples(), 2);
  EXPECT_EQ(tally.non_finite(), 1);
  EXPECT_EQ(tally.correct(), 1);
  EXPECT_EQ(tally.correct_in_top_k(), 1);
  EXPECT_THAT(tally.predicted(), ElementsAre(-1, 2));
  EXPECT_THAT(tally.confusion(), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 1));
  EXPECT_EQ(tally.calibration().examples, 1);
}

TEST(TallyTest, WithoutLabelsCountsOnlyPredictions) {
  const Tally tally =
      Count(ScoreKind::kProbabilities, 1,
            {{{0.6, 0.3, 0.1}, kNoClass}, {{0.1, 0.8, 0.1}, kNoClass}, {{0, NAN, 0}, kNoClass}});
  EXPECT_EQ(tally.examples(), 3);
  EXPECT_EQ(tally.correct(), 0);
  EXPECT_EQ(tally.correct_in_top_k(), 0);
  EXPECT_EQ(tally.non_finite(), 1);
  EXPECT_THAT(tally.predicted(), ElementsAre(0, 1, kNoClass));
  EXPECT_DOUBLE_EQ(tally.mean_confidence(), 0.7);
  EXPECT_EQ(tally.calibration().examples, 0);
  EXPECT_THAT(tally.of_class(), ElementsAre(0, 0, 0));
}

TEST(TallyTest, KeepsNoConfusionOfVeryManyClasses) {
  Tally tally(kMostConfusionClasses + 1, 1, ScoreKind::kLogits);
  std::vector<double> scores(kMostConfusionClasses + 1);
  tally.Add(scores, kMostConfusionClasses);
  EXPECT_THAT(tally.confusion(), IsEmpty());
  EXPECT_EQ(tally.examples(), 1);
}

}  // namespace
}  // namespace actium::compare
