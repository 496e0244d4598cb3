#include "client/cli/condition_decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "client/cli/exit_status.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Condition;
using cli::Decide;
using cli::Decision;
using cli::ExitStatus;
using cli::Metric;
using cli::Relation;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Edge {
  std::string name;
  cli::Interval interval;
  Relation relation;
  Decision decision;  // With a bound of 1.
};

class EdgeTest : public ::testing::TestWithParam<Edge> {};

TEST_P(EdgeTest, DecidesByTheWholeInterval) {
  EXPECT_EQ(Decide(GetParam().interval, GetParam().relation, 1), GetParam().decision);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, EdgeTest,
    ::testing::Values(
        Edge{"AllBelowIsLess", {0, 0.9}, Relation::kLess, Decision::kFails},
        Edge{"UpToTheBoundMayNotBeLess", {0, 1}, Relation::kLess, Decision::kUndecided},
        Edge{"FromTheBoundIsNotLess", {1, 2}, Relation::kLess, Decision::kPasses},
        Edge{"AroundIsUndecided", {0.9, 1.1}, Relation::kLess, Decision::kUndecided},
        Edge{"UpToTheBoundIsLessOrEqual", {0, 1}, Relation::kLessOrEqual, Decision::kFails},
        Edge{"FromTheBoundMayBeEqual", {1, 2}, Relation::kLessOrEqual, Decision::kUndecided},
        Edge{"AboveIsNotLessOrEqual", {1.1, 2}, Relation::kLessOrEqual, Decision::kPasses},
        Edge{"AboveIsGreater", {1.1, 2}, Relation::kGreater, Decision::kFails},
        Edge{"FromTheBoundMayNotBeGreater", {1, 2}, Relation::kGreater, Decision::kUndecided},
        Edge{"UpToTheBoundIsNotGreater", {0, 1}, Relation::kGreater, Decision::kPasses},
        Edge{"FromTheBoundIsGreaterOrEqual", {1, 2}, Relation::kGreaterOrEqual, Decision::kFails},
        Edge{"UpToItMayBeEqual", {0, 1}, Relation::kGreaterOrEqual, Decision::kUndecided},
        Edge{"BelowIsNotGreaterOrEqual", {0, 0.9}, Relation::kGreaterOrEqual, Decision::kPasses},
        Edge{"APointOnTheBoundIsEqual", {1, 1}, Relation::kLessOrEqual, Decision::kFails},
        Edge{"APointOnTheBoundIsNotLess", {1, 1}, Relation::kLess, Decision::kPasses},
        Edge{"AnOpenEndDecidesBelow", {1.5, kInfinity}, Relation::kGreater, Decision::kFails},
        Edge{"AnOpenEndIsNeverPassed", {0.5, kInfinity}, Relation::kGreater, Decision::kUndecided},
        Edge{"NaNDecidesNothing", {NAN, 0.5}, Relation::kLess, Decision::kUndecided}),
    [](const auto& test) { return test.param.name; });

v1::Estimate Between(double lower, double upper) {
  v1::Estimate estimate;
  estimate.set_lower(lower);
  estimate.set_upper(upper);
  return estimate;
}

Condition Parsed(std::string_view text) {
  const auto condition =
      cli::ParseCondition(text, {.variants = {"relu", "mish", "swish"}, .baseline = "relu"});
  EXPECT_THAT(condition, IsOk());
  return *condition;
}

v1::AccuracyReport Accuracies() {
  v1::AccuracyReport report;
  report.set_labelled(true);
  report.set_baseline("relu");
  auto& mish = *report.add_variants();
  mish.set_variant("mish");
  *mish.mutable_accuracy() = Between(0.91, 0.93);
  *mish.mutable_top_k_accuracy() = Between(0.98, 0.99);
  auto& contrast = *report.add_contrasts();
  contrast.set_variant("mish");
  contrast.set_baseline("relu");
  *contrast.mutable_difference() = Between(-0.001, 0.003);
  *contrast.mutable_difference_simultaneous() = Between(-0.004, 0.006);
  *contrast.mutable_agreement() = Between(0.95, 0.97);
  return report;
}

Decision DecideBy(const v1::AccuracyReport& report, std::string_view text) {
  return Decide(Parsed(text), &report, nullptr).decision;
}

TEST(DecideTest, AccuraciesByTheirIntervals) {
  const v1::AccuracyReport report = Accuracies();
  EXPECT_EQ(DecideBy(report, "mish.accuracy < 0.90"), Decision::kPasses);
  EXPECT_EQ(DecideBy(report, "mish.accuracy < 0.92"), Decision::kUndecided);
  EXPECT_EQ(DecideBy(report, "mish.accuracy < 0.94"), Decision::kFails);
  EXPECT_EQ(DecideBy(report, "mish.top_k_accuracy < 0.98"), Decision::kPasses);
  EXPECT_EQ(DecideBy(report, "mish.agreement < 0.98"), Decision::kFails);
}

TEST(DecideTest, DifferencesByTheIntervalOfAllTogetherInBothDirections) {
  const v1::AccuracyReport report = Accuracies();
  EXPECT_EQ(DecideBy(report, "mish.accuracy < relu.accuracy - 0.5pp"), Decision::kPasses);
  EXPECT_EQ(DecideBy(report, "mish.accuracy < relu.accuracy - 0.3pp"), Decision::kUndecided);
  EXPECT_EQ(DecideBy(report, "mish.accuracy < relu.accuracy + 1pp"), Decision::kFails);
  EXPECT_EQ(DecideBy(report, "relu.accuracy > mish.accuracy + 0.4pp"), Decision::kPasses);
  EXPECT_EQ(DecideBy(report, "relu.accuracy > mish.accuracy - 0.7pp"), Decision::kFails);
}

TEST(DecideTest, WhatWasNotMeasuredIsUndecided) {
  const cli::Verdict missing = Decide(Parsed("swish.accuracy < 0.9"), nullptr, nullptr);
  EXPECT_EQ(missing.decision, Decision::kUndecided);
  EXPECT_EQ(missing.reason, "not measured");
  v1::AccuracyReport unlabelled = Accuracies();
  unlabelled.set_labelled(false);
  EXPECT_EQ(DecideBy(unlabelled, "mish.accuracy < 0.94"), Decision::kUndecided);
  EXPECT_EQ(DecideBy(unlabelled, "mish.agreement < 0.98"), Decision::kFails);
}

void AddLatency(v1::LatencyReport& report, int batch, double lower, double upper) {
  auto& contrast = *report.add_contrasts();
  contrast.set_variant("mish");
  contrast.set_baseline("relu");
  contrast.set_measure(v1::LATENCY_MEASURE_SERVED);
  contrast.set_batch_size(batch);
  *contrast.mutable_ratio_simultaneous() = Between(lower, upper);
  auto& cell = *report.add_cells();
  cell.set_variant("mish");
  cell.set_batch_size(batch);
  auto& median = *cell.add_served();
  median.set_quantile(0.5);
  median.set_lower_ns(1e6 * lower);
  median.set_upper_ns(1e6 * upper);
  auto& tail = *cell.add_served();
  tail.set_quantile(0.99);
  tail.set_lower_ns(3e6);
}

TEST(DecideTest, LatenciesAtEveryBatchSize) {
  v1::LatencyReport report;
  AddLatency(report, 1, 1.00, 1.02);
  const auto decide = [&](std::string_view text) { return Decide(Parsed(text), nullptr, &report); };
  EXPECT_EQ(decide("mish.latency_p50 > 1.05 * relu.latency_p50").decision, Decision::kPasses);
  EXPECT_EQ(decide("relu.latency_p50 < 0.9 * mish.latency_p50").decision, Decision::kPasses);
  AddLatency(report, 16, 1.04, 1.10);
  EXPECT_EQ(decide("mish.latency_p50 > 1.05 * relu.latency_p50").decision, Decision::kUndecided);
  AddLatency(report, 32, 1.06, 1.10);
  const cli::Verdict verdict = decide("mish.latency_p50 > 1.05 * relu.latency_p50");
  EXPECT_EQ(verdict.decision, Decision::kFails);
  EXPECT_EQ(verdict.findings.size(), 3u);
  EXPECT_THAT(Describe(verdict), HasSubstr("ratio 1.06 to 1.1 at batch 32"));
  EXPECT_EQ(decide("mish.latency_p50 > 2ms").decision, Decision::kPasses);
  EXPECT_EQ(decide("mish.latency_p50 > 1.05ms").decision, Decision::kFails);
  EXPECT_EQ(decide("mish.latency_p99 > 2ms").decision, Decision::kFails);
  EXPECT_EQ(decide("mish.latency_p99 > 4ms").decision, Decision::kUndecided) << "no upper end";
  EXPECT_EQ(decide("mish.engine_p50 > 4ms").decision, Decision::kUndecided);
}

TEST(DecideTest, ANoisyMachineDecidesNoLatency) {
  v1::LatencyReport report;
  AddLatency(report, 1, 1.2, 1.3);
  report.set_too_noisy(true);
  const cli::Verdict verdict =
      Decide(Parsed("mish.latency_p50 > relu.latency_p50"), nullptr, &report);
  EXPECT_EQ(verdict.decision, Decision::kUndecided);
  EXPECT_THAT(Describe(verdict), HasSubstr("too noisy"));
}

TEST(VerdictTest, IsJsonWithItsFindings) {
  v1::LatencyReport report;
  AddLatency(report, 4, 1.2, 1.3);
  const cli::Json json = ToJson(Decide(Parsed("mish.latency_p99 > 2ms"), nullptr, &report));
  EXPECT_EQ(json["condition"], "mish.latency_p99 > 2ms");
  EXPECT_EQ(json["result"], "fails");
  EXPECT_EQ(json["findings"][0]["batch_size"], 4);
  EXPECT_EQ(json["findings"][0]["lower"], 3e6);
  EXPECT_EQ(json["findings"][0]["upper"], nullptr);
}

TEST(StatusOfTest, FailsComesBeforeUndecided) {
  const auto verdict = [](Decision decision) {
    return cli::Verdict{.condition = Parsed("mish.accuracy < 0.9"),
                        .decision = decision,
                        .findings = {},
                        .reason = ""};
  };
  const auto exit = [](const std::vector<cli::Verdict>& verdicts) {
    return cli::ExitStatusOf(StatusOf(verdicts));
  };
  EXPECT_EQ(exit({}), ExitStatus::kOk);
  EXPECT_EQ(exit({verdict(Decision::kPasses)}), ExitStatus::kOk);
  EXPECT_EQ(exit({verdict(Decision::kPasses), verdict(Decision::kUndecided)}),
            ExitStatus::kUndecided);
  EXPECT_EQ(exit({verdict(Decision::kUndecided), verdict(Decision::kFails)}),
            ExitStatus::kCheckFailed);
}

}  // namespace
}  // namespace actium::test
