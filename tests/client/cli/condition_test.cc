#include "client/cli/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Condition;
using cli::Metric;
using cli::ParseCondition;
using cli::Relation;
using ::testing::HasSubstr;

const cli::ConditionScope kScope = {.variants = {"relu", "mish", "mish:2", "net.v1", "8bit", "net"},
                                    .baseline = "relu"};

TEST(ParseConditionTest, AnAbsoluteAccuracy) {
  const auto condition = ParseCondition("mish.accuracy < 0.90", kScope);
  ASSERT_THAT(condition, IsOk());
  EXPECT_EQ(condition->text, "mish.accuracy < 0.90");
  EXPECT_EQ(condition->variant, "mish");
  EXPECT_EQ(condition->metric, Metric::kAccuracy);
  EXPECT_EQ(condition->relation, Relation::kLess);
  EXPECT_FALSE(condition->other.has_value());
  EXPECT_DOUBLE_EQ(condition->bound, 0.9);
}

TEST(ParseConditionTest, ADifferenceOfAccuraciesInPoints) {
  const auto less = ParseCondition("mish.accuracy<=relu.accuracy-0.5pp", kScope);
  ASSERT_THAT(less, IsOk());
  EXPECT_EQ(less->relation, Relation::kLessOrEqual);
  EXPECT_EQ(less->other, "relu");
  EXPECT_DOUBLE_EQ(less->bound, -0.005);
  EXPECT_DOUBLE_EQ(ParseCondition("mish.accuracy > relu.accuracy + 1 pp ", kScope)->bound, 0.01);
  EXPECT_DOUBLE_EQ(ParseCondition(" mish.accuracy >= relu.accuracy", kScope)->bound, 0);
}

TEST(ParseConditionTest, ARatioOfLatencies) {
  const auto ratio = ParseCondition("mish.latency_p50 > 1.05 * relu.latency_p50", kScope);
  ASSERT_THAT(ratio, IsOk());
  EXPECT_EQ(ratio->metric, Metric::kServedLatency);
  EXPECT_EQ(ratio->quantile, 0.5);
  EXPECT_EQ(ratio->other, "relu");
  EXPECT_DOUBLE_EQ(ratio->bound, 1.05);
  const auto engine = ParseCondition("relu.engine_p50 < mish.engine_p50", kScope);
  ASSERT_THAT(engine, IsOk());
  EXPECT_EQ(engine->metric, Metric::kEngineLatency);
  EXPECT_DOUBLE_EQ(engine->bound, 1);
}

TEST(ParseConditionTest, AbsoluteLatenciesHaveAUnit) {
  EXPECT_DOUBLE_EQ(ParseCondition("mish.latency_p99 > 2.5ms", kScope)->bound, 2.5e6);
  EXPECT_DOUBLE_EQ(ParseCondition("mish.latency_p99_9 > 3 us", kScope)->bound, 3e3);
  EXPECT_DOUBLE_EQ(ParseCondition("mish.engine_p90 > 1s", kScope)->bound, 1e9);
  EXPECT_DOUBLE_EQ(ParseCondition("mish.engine_p95 > 7ns", kScope)->bound, 7);
  EXPECT_EQ(ParseCondition("mish.latency_p99_9 > 3 us", kScope)->quantile, 0.999);
}

TEST(ParseConditionTest, VariantsMayHaveDotsColonsAndDigitsInFront) {
  EXPECT_EQ(ParseCondition("mish:2.accuracy < 1", kScope)->variant, "mish:2");
  EXPECT_EQ(ParseCondition("net.v1.accuracy < 1", kScope)->variant, "net.v1");
  EXPECT_EQ(ParseCondition("net.accuracy < 1", kScope)->variant, "net");
  EXPECT_EQ(ParseCondition("mish.accuracy < 8bit.accuracy", kScope)->other, "8bit");
}

TEST(ParseConditionTest, AgreementIsWithTheBaseline) {
  EXPECT_EQ(ParseCondition("mish.agreement < 0.99", kScope)->metric, Metric::kAgreement);
  EXPECT_THAT(ParseCondition("relu.agreement < 0.99", kScope),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("with the baseline, 'relu'")));
}

TEST(NeedsAllPairsTest, WhereNeitherIsTheBaseline) {
  const auto needs = [](std::string_view text) {
    return cli::NeedsAllPairs(*ParseCondition(text, kScope), kScope.baseline);
  };
  EXPECT_TRUE(needs("mish.accuracy < net.accuracy"));
  EXPECT_FALSE(needs("mish.accuracy < relu.accuracy"));
  EXPECT_FALSE(needs("relu.accuracy < mish.accuracy"));
  EXPECT_FALSE(needs("mish.accuracy < 0.5"));
}

struct Wrong {
  std::string name;
  std::string text;
  int column;
  std::string says;
};

class WrongConditionTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongConditionTest, NamesTheColumnAndWhatIsAllowed) {
  const absl::Status status = ParseCondition(GetParam().text, kScope).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("column " + std::to_string(GetParam().column) + ": ")));
  EXPECT_THAT(status.ToString(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, WrongConditionTest,
    ::testing::Values(
        Wrong{"Empty", "", 1, "there must be VARIANT.METRIC"},
        Wrong{"NoVariant", "swish.accuracy < 1", 1, "'swish' is no variant"},
        Wrong{"VariantsAreNamed", "swish.accuracy < 1", 1, "relu, mish, mish:2, net.v1, 8bit, net"},
        Wrong{"NoMetric", "mish < 1", 1, "'mish' must be VARIANT.METRIC"},
        Wrong{"UnknownMetric", "mish.acuracy < 1", 6,
              "metric 'acuracy' is not known; allowed: acc"},
        Wrong{"NoInterval", "mish.nll < 1", 6, "metric 'nll' has no interval"},
        Wrong{"NoRelation", "mish.accuracy = 1", 15, "<, <=, > or >="},
        Wrong{"NothingOnTheRight", "mish.accuracy <", 16, "there must be VARIANT.METRIC"},
        Wrong{"NegativeNumber", "mish.accuracy < -1", 17, "0 or more, got '-1'"},
        Wrong{"APercent", "mish.accuracy < 90%", 19, "write 90pp for points of accuracy, 0.9 for"},
        Wrong{"PercentOfADifference", "mish.accuracy < relu.accuracy - 0.5%", 36, "0.5pp"},
        Wrong{"PercentAsAFactor", "mish.latency_p50 > 5% * relu.latency_p50", 21, "1.05 * "},
        Wrong{"AShareAboveOne", "mish.accuracy < 90", 17, "a share in [0, 1], such as 0.9"},
        Wrong{"PointsAsAShare", "mish.accuracy < 90pp", 17, "got 90pp"},
        Wrong{"ADifferenceWithoutUnit", "mish.accuracy < relu.accuracy - 0.005", 33, "0.005"},
        Wrong{"AFactorOfAccuracies", "mish.accuracy < 0.99 * relu.accuracy", 17, "not of ratios"},
        Wrong{"OtherMetric", "mish.accuracy < relu.agreement", 17, "both sides must be the same"},
        Wrong{"OtherQuantile", "mish.latency_p50 < relu.latency_p99", 20, "both sides must be"},
        Wrong{"TheSameVariant", "mish.accuracy < mish.accuracy", 17, "two different variants"},
        Wrong{"NoRatioOfP99", "mish.latency_p99 < relu.latency_p99", 20, "latency_p50 and"},
        Wrong{"NoDifferenceOfTopK", "mish.top_k_accuracy < relu.top_k_accuracy", 23, "a number"},
        Wrong{"NoTimeUnit", "mish.latency_p50 > 2", 20, "ns, us, ms or s, got 2"},
        Wrong{"UnknownUnit", "mish.latency_p50 > 2min", 20, "got 2min"},
        Wrong{"ADifferenceOfLatencies", "mish.latency_p50 > relu.latency_p50 + 1ms", 37, "ratios"},
        Wrong{"AZeroFactor", "mish.latency_p50 > 0 * relu.latency_p50", 20, "above 0"},
        Wrong{"NeitherIsTheBaseline", "mish.latency_p50 > net.latency_p50", 1, "'relu'"},
        Wrong{"MoreBehind", "mish.accuracy < 0.5 or so", 17, "got 0.5or"},
        Wrong{"MoreBehindAWhole", "mish.accuracy < 0.5 < 1", 21, "nothing may follow"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseConditionTest, RefusesWhatIsTooLong) {
  EXPECT_THAT(ParseCondition(std::string(5000, ' '), kScope),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 4096 bytes")));
}

}  // namespace
}  // namespace actium::test
