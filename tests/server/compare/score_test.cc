#include "server/compare/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace actium::compare {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(RankTest, CountsTheClassesBefore) {
  const std::vector<double> scores = {1.0, 3.0, 2.0};
  EXPECT_EQ(Predict(scores), 1);
  EXPECT_EQ(Rank(scores, 1), 0);
  EXPECT_EQ(Rank(scores, 2), 1);
  EXPECT_EQ(Rank(scores, 0), 2);
}

TEST(RankTest, OfEqualScoresTheLowerClassComesFirst) {
  const std::vector<double> scores = {5.0, 5.0, 5.0};
  EXPECT_EQ(Predict(scores), 0);
  EXPECT_EQ(Rank(scores, 0), 0);
  EXPECT_EQ(Rank(scores, 2), 2);
}

TEST(PredictTest, ScoresThatAreNotFinitePredictNothing) {
  for (const double bad : {kInf, -kInf, std::nan("")}) {
    const std::vector<double> scores = {1.0, bad};
    EXPECT_EQ(Predict(scores), kNoClass);
  }
}

TEST(SoftmaxTest, GivesProbabilities) {
  std::vector<double> scores = {0.0, std::log(3.0)};
  Softmax(scores);
  EXPECT_NEAR(scores[0], 0.25, 1e-15);
  EXPECT_NEAR(scores[1], 0.75, 1e-15);
}

TEST(SoftmaxTest, DoesNotOverflow) {
  std::vector<double> scores = {3e38, -3e38, 3e38};
  Softmax(scores);
  EXPECT_EQ(scores, (std::vector<double>{0.5, 0.0, 0.5}));
}

}  // namespace
}  // namespace actium::compare
