#include "server/activation/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace actium::activation {
namespace {

using ::testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();

std::string CheckMessage(Activation id, std::span<const double> parameters) {
  const absl::Status status = CheckParameters(id, parameters);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(FindTest, TakesCanonicalNamesAliasesAndOtherSpellings) {
  EXPECT_EQ(Find("leaky_relu"), &Get(Activation::kLeakyRelu));
  EXPECT_EQ(Find("LeakyReLU"), &Get(Activation::kLeakyRelu));
  EXPECT_EQ(Find("leaky-relu"), &Get(Activation::kLeakyRelu));
  EXPECT_EQ(Find("silu"), &Get(Activation::kSwish));
  EXPECT_EQ(Find("SiLU"), &Get(Activation::kSwish));
  EXPECT_EQ(Find("Hard Swish"), &Get(Activation::kHardswish));
  EXPECT_EQ(Find("hard_silu"), &Get(Activation::kHardswish));
  EXPECT_EQ(Find("linear"), &Get(Activation::kIdentity));
}

TEST(FindTest, UnknownNamesAreNull) {
  EXPECT_EQ(Find(""), nullptr);
  EXPECT_EQ(Find("relu7"), nullptr);
  EXPECT_EQ(Find(std::string(100'000, 'x')), nullptr);
}

TEST(TableTest, FindsPyTorchsFunctionsAndTheirVariantsInPlace) {
  EXPECT_EQ(FindTorchFunction("silu"), &Get(Activation::kSwish));
  EXPECT_EQ(FindTorchFunction("leaky_relu_"), &Get(Activation::kLeakyRelu));
  EXPECT_EQ(FindTorchFunction("gelu"), &Get(Activation::kGelu));
  EXPECT_EQ(FindTorchFunction("linear"), nullptr) << "a layer there, an alias of identity here";
  EXPECT_EQ(FindTorchFunction("swish"), nullptr);
  EXPECT_EQ(FindTorchFunction(""), nullptr);
}

TEST(TableTest, NoNameMeansTwoActivations) {
  std::set<std::string_view> names;
  for (const Row& row : Table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    for (const std::string_view alias : row.aliases) {
      EXPECT_TRUE(names.insert(alias).second) << alias;
      EXPECT_EQ(Find(alias), &row) << alias;
    }
    EXPECT_EQ(Find(row.name), &row);
  }
}

TEST(TableTest, EveryRowIsFilledIn) {
  for (const Row& row : Table()) {
    EXPECT_FALSE(row.title.empty()) << row.name;
    EXPECT_FALSE(row.formula.empty()) << row.name;
    EXPECT_FALSE(row.derivative.empty()) << row.name;
    EXPECT_FALSE(row.names.pytorch.empty()) << row.name;
    EXPECT_FALSE(row.names.onnx.empty()) << row.name;
    EXPECT_GT(row.names.onnx_opset, 0) << row.name;
    EXPECT_FALSE(row.names.keras.empty()) << row.name;
    for (const Parameter& parameter : row.parameters) {
      EXPECT_FALSE(parameter.meaning.empty()) << row.name;
      EXPECT_GE(parameter.default_value, parameter.lowest) << row.name;
      EXPECT_LE(parameter.default_value, parameter.highest) << row.name;
    }
  }
}

TEST(CheckParametersTest, DefaultsPassGivenOrLeftOut) {
  for (const Row& row : Table()) {
    std::vector<double> defaults;
    for (const Parameter& parameter : row.parameters) defaults.push_back(parameter.default_value);
    EXPECT_TRUE(CheckParameters(row.id, defaults).ok()) << row.name;
    EXPECT_TRUE(CheckParameters(row.id, {}).ok()) << row.name;
  }
}

TEST(CheckParametersTest, NamesTheParameterItsRangeAndTheValue) {
  EXPECT_THAT(CheckMessage(Activation::kSwish, std::array{-1.0}),
              HasSubstr("activation 'swish': beta must be in [1e-06, 1000000], got -1"));
  EXPECT_THAT(CheckMessage(Activation::kElu, std::array{std::nan("")}), HasSubstr("alpha must be"));
  EXPECT_THAT(CheckMessage(Activation::kMish, std::array{1.0}),
              HasSubstr("activation 'mish' has 0 parameters, got 1"));
  EXPECT_THAT(CheckMessage(Activation::kHardtanh, std::array{2.0, 2.0}),
              HasSubstr("lower must be less than upper, which is 2, got 2"));
}

// What the table says of a function holds for the function.
class RowTest : public ::testing::TestWithParam<Activation> {
 protected:
  const Row& row() const { return Get(GetParam()); }
  double Value(double x) const { return Evaluate(GetParam(), {}, x); }
  double Slope(double x) const { return Derivative(GetParam(), {}, x); }

  // Points that hit whole numbers, where the kinks are, and what lies between.
  static std::vector<double> Points() {
    std::vector<double> points;
    for (int i = -64 * 20; i <= 64 * 20; ++i) points.push_back(i / 64.0);
    return points;
  }
};

TEST_P(RowTest, ValuesStayInTheRangeAndComeNearItsEnds) {
  double lowest = kInf;
  double highest = -kInf;
  for (const double x : {-1e300, -1e30, -1e6, 1e6, 1e30, 1e300}) {
    lowest = std::min(lowest, Value(x));
    highest = std::max(highest, Value(x));
  }
  for (const double x : Points()) {
    lowest = std::min(lowest, Value(x));
    highest = std::max(highest, Value(x));
  }

  const Range range = row().range;
  EXPECT_GE(lowest, range.lower - 1e-15);
  EXPECT_LE(highest, range.upper);
  EXPECT_TRUE(range.lower == -kInf ? lowest < -1e200 : lowest < range.lower + 1e-4) << lowest;
  EXPECT_TRUE(range.upper == kInf ? highest > 1e200 : highest > range.upper - 1e-4) << highest;
}

TEST_P(RowTest, IsMonotoneOrTurnsAtItsMinimum) {
  const double turn = row().monotone() ? -kInf : row().minimum->at;
  double before = Value(-20.0 - 1.0 / 64);
  for (const double x : Points()) {
    const double value = Value(x);
    const double rounding = 2e-16 * std::abs(value);
    if (x <= turn) {
      EXPECT_LE(value, before + rounding) << x;
    } else if (x - 1.0 / 64 >= turn) {
      EXPECT_GE(value, before - rounding) << x;
    }
    before = value;
  }
  if (!row().monotone()) {
    EXPECT_NEAR(Value(turn), row().minimum->value, 1e-15);
    EXPECT_NEAR(Slope(turn), 0.0, 1e-8);
    EXPECT_EQ(row().range.lower, row().minimum->value);
  }
}

TEST_P(RowTest, SlopesAreThoseOfTheValues) {
  constexpr double kStep = 1e-5;
  for (double x = -9.0 + 0.0123; x < 9.0; x += 0.0371) {
    EXPECT_NEAR(Slope(x), (Value(x + kStep) - Value(x - kStep)) / (2 * kStep), 1e-8) << x;
  }
}

TEST_P(RowTest, IsAsSmoothAsItSays) {
  constexpr double kStep = 1e-6;
  double slope_jump = 0.0;
  double curvature_jump = 0.0;
  for (int x = -8; x <= 8; ++x) {
    const double left = Slope(x - kStep);
    const double right = Slope(x + kStep);
    slope_jump = std::max(slope_jump, std::abs(right - left));
    const double left_curvature = (left - Slope(x - 2 * kStep)) / kStep;
    const double right_curvature = (Slope(x + 2 * kStep) - right) / kStep;
    curvature_jump = std::max(curvature_jump, std::abs(right_curvature - left_curvature));
  }
  const bool kinked = slope_jump > 1e-3;
  const bool bent = curvature_jump > 1e-3;
  EXPECT_EQ(kinked, row().smoothness == Smoothness::kKinked) << slope_jump;
  if (!kinked) {
    EXPECT_EQ(bent, row().smoothness == Smoothness::kOnce) << curvature_jump;
  }
}

TEST_P(RowTest, FloatAndDoubleAgree) {
  for (const double x : Points()) {
    EXPECT_NEAR(Evaluate(GetParam(), {}, static_cast<float>(x)), Value(x),
                1e-6 * std::max(1.0, std::abs(Value(x))))
        << x;
    EXPECT_NEAR(Derivative(GetParam(), {}, static_cast<float>(x)), Slope(x), 1e-6) << x;
  }
}

std::vector<Activation> All() {
  std::vector<Activation> all;
  for (const Row& row : Table()) all.push_back(row.id);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Activations, RowTest, ::testing::ValuesIn(All()),
                         [](const auto& test) { return std::string(Get(test.param).name); });

TEST(EvaluateTest, ParametersReplaceTheDefaults) {
  EXPECT_EQ(Evaluate(Activation::kLeakyRelu, std::array{0.5}, -2.0), -1.0);
  EXPECT_EQ(Evaluate(Activation::kLeakyRelu, {}, -2.0), -0.02);
  EXPECT_EQ(Evaluate(Activation::kHardtanh, std::array{-3.0, 0.5}, 7.0), 0.5);
  EXPECT_EQ(Derivative(Activation::kPrelu, std::array{-0.5}, -2.0), -0.5);
}

// Computed with 50 digits (mpmath).
TEST(EvaluateTest, MishEqualsItsDefinitionToFifteenDigits) {
  const std::pair<double, double> points[] = {
      {-20, -4.1223072406287614e-8}, {-5, -0.033576237730161705}, {-1, -0.30340146137410892},
      {-0.1, -0.056788575212844738}, {0.1, 0.063179417491489723}, {1, 0.86509838826731035},
      {5, 4.9995520775294057}};
  for (const auto& [x, expected] : points) {
    EXPECT_NEAR(Evaluate(Activation::kMish, {}, x), expected, 4e-16 * std::abs(expected)) << x;
  }
}

// PyTorch's backward, where left and right differ.
TEST(DerivativeTest, AtKinksItIsPyTorchs) {
  EXPECT_EQ(Derivative(Activation::kRelu, {}, 0.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kLeakyRelu, {}, 0.0), 0.01);
  EXPECT_EQ(Derivative(Activation::kSelu, {}, 0.0), 1.0507009873554805 * 1.6732632423543772);
  EXPECT_EQ(Derivative(Activation::kHardtanh, {}, 1.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kHardtanh, {}, -1.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kRelu6, {}, 6.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kHardsigmoid, {}, 3.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kHardswish, {}, -3.0), 0.0);
  EXPECT_EQ(Derivative(Activation::kHardswish, {}, 3.0), 1.0);
}

}  // namespace
}  // namespace actium::activation
