#include "client/cli/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Choose;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The baseline is "relu".
v1::AccuracyReport Report(const std::vector<std::pair<std::string, int64_t>>& correct) {
  v1::AccuracyReport report;
  report.set_labelled(true);
  report.set_examples(100);
  report.set_baseline("relu");
  for (const auto& [name, count] : correct) {
    auto& variant = *report.add_variants();
    variant.set_variant(name);
    variant.set_correct(count);
    variant.mutable_accuracy()->set_value(static_cast<double>(count) / 100);
  }
  return report;
}

TEST(ChooseTest, TheMostAccurateIsComparedWithTheBaseline) {
  const v1::AccuracyReport report = Report({{"relu", 80}, {"mish", 85}, {"swish", 82}});
  const auto choice = Choose(report);
  ASSERT_THAT(choice, IsOk());
  EXPECT_EQ(choice->chosen, "mish");
  EXPECT_FALSE(choice->baseline_is_best);
  EXPECT_THAT(choice->equals, IsEmpty());
  const std::string text = Describe(*choice, report);
  EXPECT_THAT(text, HasSubstr("relu 80.00 %, mish 85.00 %, swish 82.00 %"));
  EXPECT_THAT(text, HasSubstr("Chosen is the most accurate, mish."));
  EXPECT_THAT(text, HasSubstr("mish against relu on data that had no part in the choice"));
}

TEST(ChooseTest, IfTheBaselineIsTheBestTheRunnerUpIsCompared) {
  const v1::AccuracyReport report = Report({{"mish", 70}, {"relu", 80}, {"swish", 75}});
  const auto choice = Choose(report);
  EXPECT_EQ(choice->chosen, "swish");
  EXPECT_TRUE(choice->baseline_is_best);
  EXPECT_THAT(Describe(*choice, report),
              HasSubstr("None is more accurate than the baseline, relu"));
}

TEST(ChooseTest, OfEqualsTheFirst) {
  const auto choice = Choose(Report({{"relu", 80}, {"elu", 70}, {"mish", 80}, {"swish", 80}}));
  EXPECT_EQ(choice->chosen, "mish");
  EXPECT_TRUE(choice->baseline_is_best) << "the baseline is as accurate";
  EXPECT_THAT(choice->equals, ElementsAre("swish"));
}

TEST(ChooseTest, NeedsLabels) {
  v1::AccuracyReport report = Report({{"relu", 0}, {"mish", 0}});
  report.set_labelled(false);
  EXPECT_THAT(Choose(report),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--select-on")));
}

}  // namespace
}  // namespace actium::test
