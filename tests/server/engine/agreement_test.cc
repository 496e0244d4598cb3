// What counts as the same numbers.
#include "server/engine/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/server/engine/stub_model.h"
#include "tests/support/fake_model.h"
#include "tests/support/status_matchers.h"

namespace actium::engine {
namespace {

using test::Function;
using test::Relu;
using test::StatusIs;
using test::StubModel;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

absl::Status Check(Precision precision, Function candidate, Function reference = Relu) {
  StubModel expected("reference", std::move(reference));
  StubModel given("candidate", std::move(candidate));
  return CheckAgreement(expected, given, ToleranceOf(precision));
}

// Off by a part of every number.
Function OffBy(float part) {
  return [part](float x, size_t rows) { return Relu(x, rows) * (1 + part); };
}

TEST(AgreementTest, NamesWhereTheyDiffer) {
  EXPECT_THAT(Check(Precision::kFp32, [](float x, size_t) { return x; }),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("usual inputs, batch of 1: output 'y', row 0: number ")));
}

TEST(AgreementTest, EachPrecisionHasItsTolerance) {
  EXPECT_THAT(Check(Precision::kFp32, OffBy(5e-5F)), test::IsOk());
  EXPECT_THAT(Check(Precision::kFp32, OffBy(1e-3F)), Not(test::IsOk()));
  for (const Precision precision : {Precision::kTf32, Precision::kFp16}) {
    EXPECT_THAT(Check(precision, OffBy(0.015F)), test::IsOk()) << Name(precision);
    EXPECT_THAT(Check(precision, OffBy(0.03F)), Not(test::IsOk())) << Name(precision);
  }
  EXPECT_THAT(Check(Precision::kBf16, OffBy(0.04F)), test::IsOk());
  EXPECT_THAT(Check(Precision::kBf16, OffBy(0.06F)), Not(test::IsOk()));
}

// As a half does at 65504. Usual inputs stay below 1000, extreme ones reach 100 times a usual one.
float OverflowAbove(float limit, float y) { return std::abs(y) > limit ? kInf : y; }

TEST(AgreementTest, WhatOverflowsInHalfIsPassedOver) {
  const Function overflows = [](float x, size_t rows) {
    return OverflowAbove(100.0F, Relu(x, rows));
  };
  EXPECT_THAT(Check(Precision::kFp16, overflows), test::IsOk());
  for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
    EXPECT_THAT(Check(precision, overflows),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("extreme inputs")))
        << Name(precision);
  }
}

TEST(AgreementTest, WhatHalfCannotHoldIsNotComparedInHalf) {
  // Usual inputs, up to 4 or so, stay far below 32752; extreme ones lie far above.
  const Function cube = [](float x, size_t) { return x * x * x; };
  const Function saturates = [](float x, size_t) {
    return std::clamp(x * x * x, -65504.0F, 65504.0F);
  };
  EXPECT_THAT(Check(Precision::kFp16, saturates, cube), test::IsOk());
  EXPECT_THAT(Check(Precision::kBf16, saturates, cube), Not(test::IsOk()));
}

TEST(AgreementTest, HalfMustGiveFiniteNumbersForUsualInputsAndRightOnesForExtremeOnes) {
  EXPECT_THAT(Check(Precision::kFp16, [](float, size_t) { return kNan; }),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("zeros inputs")));
  EXPECT_THAT(
      Check(Precision::kFp16, [](float x, size_t rows) { return std::fmin(Relu(x, rows), 10.0F); }),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("extreme inputs")));
}

TEST(AgreementTest, WaitsForRunsThatEndOnAnotherThreadOfAnotherDevice) {
  const Signature signature = {
      .max_batch_size = 4,
      .inputs = {{.name = "x", .dtype = tensor::DType::kFp32, .shape = {2}}},
      .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {5}}}};
  const Device gpu = {.kind = Device::Kind::kCuda, .index = 3};
  test::FakeModel reference(signature, {});
  test::FakeModel same(signature, {.batch_sizes = {1, 2, 4}, .max_in_flight = 2, .device = gpu});
  ACTIUM_EXPECT_OK(CheckAgreement(reference, same));
  test::FakeModel other(signature, {.max_in_flight = 2, .depends_on_batch = true, .device = gpu});
  EXPECT_THAT(CheckAgreement(reference, other), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                         HasSubstr("zeros inputs, batch of 1")));
}

}  // namespace
}  // namespace actium::engine
