#include "server/stats/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/server/stats/vectors.h"

namespace actium::stats {
namespace {

using test::IsVector;

TEST(CalibrationTest, AgreesWithTheVectors) {
  for (const auto& row : test::Vectors("calibration")) {
    SCOPED_TRACE(row.dump());
    Calibration calibration(row["bins"]);
    for (size_t i = 0; i < row["labels"].size(); ++i) {
      calibration.Add(row["probs"][i].get<std::vector<double>>(), row["labels"][i]);
    }
    const CalibrationReport report = calibration.Report();
    EXPECT_THAT(report.accuracy, IsVector(row["acc"]));
    EXPECT_THAT(report.negative_log_likelihood, IsVector(row["nll"]));
    EXPECT_THAT(report.brier_score, IsVector(row["brier"]));
    EXPECT_THAT(report.expected_calibration_error, IsVector(row["ece"]));
    EXPECT_THAT(report.maximum_calibration_error, IsVector(row["mce"]));
  }
}

TEST(CalibrationTest, WithoutExamplesAllIsZero) {
  const CalibrationReport report = Calibration(15).Report();
  EXPECT_EQ(report.examples, 0);
  EXPECT_EQ(report.accuracy, 0.0);
  EXPECT_EQ(report.negative_log_likelihood, 0.0);
  EXPECT_EQ(report.expected_calibration_error, 0.0);
  ASSERT_EQ(report.bins.size(), 15u);
  EXPECT_EQ(report.bins[14].upper, 1.0);
}

TEST(CalibrationTest, ABinHasItsUpperEnd) {
  Calibration calibration(2);
  calibration.Add(std::vector<double>{0.5, 0.5}, 0);    // Right, of the lower bin.
  calibration.Add(std::vector<double>{0.51, 0.49}, 1);  // Wrong, of the upper one.
  calibration.Add(std::vector<double>{1.0, 0.0}, 0);

  const CalibrationReport report = calibration.Report();
  ASSERT_EQ(report.bins.size(), 2u);
  EXPECT_EQ(report.bins[0].examples, 1);
  EXPECT_EQ(report.bins[0].upper, 0.5);
  EXPECT_EQ(report.bins[0].accuracy, 1.0);
  EXPECT_EQ(report.bins[1].examples, 2);
  EXPECT_EQ(report.bins[1].accuracy, 0.5);
  EXPECT_DOUBLE_EQ(report.bins[1].mean_confidence, 0.755);
}

TEST(CalibrationTest, ConfidencesOutsideTheRangeCountAtItsEnds) {
  Calibration calibration(10);
  calibration.Add(std::vector<double>{0.0, 0.0}, 0);
  calibration.Add(std::vector<double>{1.0 + 1e-7, 0.0}, 0);
  const CalibrationReport report = calibration.Report();
  EXPECT_EQ(report.bins[0].examples, 1);
  EXPECT_EQ(report.bins[9].examples, 1);
}

TEST(CalibrationTest, InvalidProbabilitiesAreCountedAndLeftOut) {
  Calibration calibration(10);
  calibration.Add(std::vector<double>{0.75, 0.25}, 0);
  calibration.Add(std::vector<double>{std::nan(""), 0.25}, 0);
  calibration.Add(std::vector<double>{0.5, std::numeric_limits<double>::infinity()}, 1);
  calibration.Add(std::vector<double>{1.5, -0.5}, 0);

  const CalibrationReport report = calibration.Report();
  EXPECT_EQ(report.examples, 1);
  EXPECT_EQ(report.invalid, 3);
  EXPECT_EQ(report.accuracy, 1.0);
  EXPECT_DOUBLE_EQ(report.negative_log_likelihood, -std::log(0.75));
}

// Labels drawn from the probabilities themselves: the error that is left is of the sample.
TEST(CalibrationTest, ACalibratedModelHasAlmostNoError) {
  std::mt19937_64 random(1);
  Calibration calibration(15);
  int right = 0;
  constexpr int kExamples = 100'000;
  for (int i = 0; i < kExamples; ++i) {
    const double p = std::uniform_real_distribution<>()(random);
    const int label = std::uniform_real_distribution<>()(random) < p ? 0 : 1;
    calibration.Add(std::vector<double>{p, 1.0 - p}, label);
    if ((p >= 0.5) == (label == 0)) ++right;
  }
  const CalibrationReport report = calibration.Report();
  EXPECT_LT(report.expected_calibration_error, 0.01);
  EXPECT_NEAR(report.brier_score, 1.0 / 3.0, 0.01);        // 2 E[p (1 - p)]
  EXPECT_NEAR(report.negative_log_likelihood, 0.5, 0.01);  // E[entropy of p]
  EXPECT_NEAR(report.accuracy, right / double{kExamples}, 1e-9);
}

TEST(CalibrationDeathTest, RefusesLabelsThatAreNoClass) {
  Calibration calibration(15);
  EXPECT_DEATH(calibration.Add(std::vector<double>{0.5, 0.5}, 2), "broken invariant");
  EXPECT_DEATH(calibration.Add(std::vector<double>{0.5, 0.5}, -1), "broken invariant");
  EXPECT_DEATH(Calibration(0), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
