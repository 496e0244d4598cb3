#include "server/batching/scatter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "tests/server/batching/test_requests.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using tensor::DType;
using test::MakeRequest;
using test::TestRequest;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Outputs of `rows` rows, counting bytes; as a model of SmallSignature() gives them.
struct Outputs {
  explicit Outputs(int64_t rows)
      : logits(static_cast<size_t>(rows * 12)), extra(static_cast<size_t>(rows * 4)) {
    for (size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<std::byte>(i % 61);
    for (size_t i = 0; i < extra.size(); ++i) extra[i] = static_cast<std::byte>(i % 59);
    views = {{.dtype = DType::kFp32, .shape = {rows, 3}, .bytes = logits},
             {.dtype = DType::kFp16, .shape = {rows, 2}, .bytes = extra}};
  }
  std::vector<std::byte> logits;
  std::vector<std::byte> extra;
  std::vector<tensor::TensorView> views;
};

std::string Slice(const std::vector<std::byte>& bytes, size_t first, size_t count) {
  return {reinterpret_cast<const char*>(bytes.data()) + first, count};
}

TEST(ScatterTest, GivesEachRequestItsRowsAndNoPadding) {
  const Outputs outputs(8);
  const engine::Signature signature = test::SmallSignature(8);
  int first_row = 0;
  for (const int rows : {1, 3, 2}) {  // Two rows of padding.
    const TestRequest made = MakeRequest(rows, 1);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response,
                                Scatter(signature, outputs.views, first_row, *made.pending));
    ASSERT_EQ(response.outputs.size(), 2u);
    EXPECT_EQ(response.outputs[0].name, "logits");
    EXPECT_THAT(response.outputs[0].shape, ElementsAre(rows, 3));
    EXPECT_EQ(response.outputs[0].bytes, Slice(outputs.logits, static_cast<size_t>(first_row) * 12,
                                               static_cast<size_t>(rows) * 12));
    EXPECT_EQ(response.outputs[1].dtype, DType::kFp16);
    EXPECT_EQ(response.outputs[1].bytes, Slice(outputs.extra, static_cast<size_t>(first_row) * 4,
                                               static_cast<size_t>(rows) * 4));
    first_row += rows;
  }
}

TEST(ScatterTest, GivesOnlyTheOutputsAskedForInTheirOrder) {
  const Outputs outputs(2);
  TestRequest made = MakeRequest(1, 1);
  made.pending->request.outputs.resize(2);
  made.pending->request.outputs[0].name = "extra";
  made.pending->request.outputs[1].name = "logits";
  made.pending->outputs = {1, 0};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response,
                              Scatter(test::SmallSignature(2), outputs.views, 1, *made.pending));
  EXPECT_EQ(response.outputs[0].name, "extra");
  EXPECT_EQ(response.outputs[0].bytes, Slice(outputs.extra, 4, 4));
  EXPECT_EQ(response.outputs[1].bytes, Slice(outputs.logits, 12, 12));
}

class DestinationTest : public ::testing::Test {
 protected:
  DestinationTest() : made_(MakeRequest(2, 1)), memory_(64, std::byte{0xee}) {
    made_.pending->request.outputs.resize(1);
    made_.pending->request.outputs[0].name = "logits";
    made_.pending->outputs = {0};
  }

  absl::StatusOr<InferResponse> ScatterInto(size_t bytes, int classification = 0) {
    made_.pending->request.outputs[0].destination = std::span(memory_).first(bytes);
    made_.pending->request.outputs[0].classification = classification;
    return Scatter(test::SmallSignature(4), outputs_.views, 1, *made_.pending);
  }

  const Outputs outputs_{4};
  TestRequest made_;
  std::vector<std::byte> memory_;
};

TEST_F(DestinationTest, ReceivesTheRowsAndNothingMore) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response, ScatterInto(40));
  EXPECT_EQ(Slice(memory_, 0, 24), Slice(outputs_.logits, 12, 24));
  EXPECT_THAT(std::span(memory_).subspan(24), Each(std::byte{0xee}));
  EXPECT_EQ(response.outputs[0].bytes, "");
  EXPECT_THAT(response.outputs[0].shape, ElementsAre(2, 3));
}

TEST_F(DestinationTest, MustBeLargeEnough) {
  EXPECT_THAT(
      ScatterInto(23),
      test::StatusIs(absl::StatusCode::kInvalidArgument,
                     "output 'logits': its destination must have at least 24 bytes, got 23"));
  EXPECT_THAT(memory_, Each(std::byte{0xee}));
}

TEST_F(DestinationTest, IsLeftToWhoeverMakesTheClasses) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response, ScatterInto(24, 1));
  EXPECT_EQ(response.outputs[0].bytes, Slice(outputs_.logits, 12, 24));
  EXPECT_THAT(memory_, Each(std::byte{0xee}));
}

TEST(ScatterTest, WithoutBatchDimensionTensorsAreWhole) {
  const Outputs outputs(1);
  std::vector<tensor::TensorView> views = outputs.views;
  views[0].shape = {3};
  views[1].shape = {2};
  const TestRequest made = MakeRequest(1, 1, {6}, false);
  const engine::Signature signature = test::SmallSignature(0);
  ACTIUM_ASSERT_OK(CheckOutputs(signature, 1, views));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response,
                              Scatter(signature, views, 0, *made.pending));
  EXPECT_THAT(response.outputs[0].shape, ElementsAre(3));
  EXPECT_EQ(response.outputs[0].bytes, Slice(outputs.logits, 0, 12));
}

TEST(CheckOutputsTest, NamesWhatAModelGotWrong) {
  const engine::Signature signature = test::SmallSignature(4);
  const auto expect_error = [&](std::span<const tensor::TensorView> views, const char* message) {
    EXPECT_THAT(CheckOutputs(signature, 4, views),
                test::StatusIs(absl::StatusCode::kInternal, HasSubstr(message)));
  };
  const Outputs outputs(4);
  ACTIUM_EXPECT_OK(CheckOutputs(signature, 4, outputs.views));
  expect_error(std::span(outputs.views).first(1), "must return 2 outputs, got 1");
  auto views = outputs.views;
  views[0].dtype = DType::kInt32;
  expect_error(views, "output 'logits': type must be FP32, got INT32");
  views = outputs.views;
  views[1].shape = {2, 4};
  expect_error(views, "output 'extra': dimension 0 must be 4, got shape [2, 4]");
  views = outputs.views;
  views[1].bytes = views[1].bytes.first(15);
  expect_error(views, "output 'extra': 15 bytes do not fit shape [4, 2]");
  views[0].shape = {};
  expect_error(views, "output 'logits': dimension 0 must be 4, got shape []");
}

// A value of each floating-point type: its bits, little-endian, and whether it is finite.
struct Value {
  std::string name;
  DType dtype;
  uint64_t bits;
  bool finite;
};

class NonFiniteTest : public ::testing::TestWithParam<Value> {};

TEST_P(NonFiniteTest, IsCountedOncePerRowWhereverItStands) {
  const Value& value = GetParam();
  const size_t element = tensor::ElementBytes(value.dtype);
  engine::Signature signature{.max_batch_size = 8,
                              .inputs = {{.name = "x", .shape = {1}}},
                              .outputs = {{.name = "y", .dtype = value.dtype, .shape = {5}}}};
  for (size_t position = 0; position < 5; ++position) {
    std::vector<std::byte> bytes(element * 5 * 4);
    const auto put = [&](size_t row, size_t column) {
      std::memcpy(bytes.data() + (row * 5 + column) * element, &value.bits, element);
    };
    put(1, position);
    put(1, 4 - position);  // A row counts once.
    put(3, position);      // Padding: does not count.
    const tensor::TensorView view{.dtype = value.dtype, .shape = {4, 5}, .bytes = bytes};
    EXPECT_EQ(CountNonFiniteRows(signature, std::span(&view, 1), 3), value.finite ? 0 : 1);
    EXPECT_EQ(CountNonFiniteRows(signature, std::span(&view, 1), 4), value.finite ? 0 : 2);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Types, NonFiniteTest,
    ::testing::Values(Value{"HalfInfinity", DType::kFp16, 0x7c00, false},
                      Value{"HalfNan", DType::kFp16, 0xfe01, false},
                      Value{"LargestHalf", DType::kFp16, 0x7bff, true},
                      Value{"BrainInfinity", DType::kBf16, 0xff80, false},
                      Value{"BrainNan", DType::kBf16, 0x7fc0, false},
                      Value{"LargestBrain", DType::kBf16, 0x7f7f, true},
                      Value{"FloatInfinity", DType::kFp32, 0x7f800000, false},
                      Value{"FloatNan", DType::kFp32, 0xffc00001, false},
                      Value{"LargestFloat", DType::kFp32, 0x7f7fffff, true},
                      Value{"DoubleInfinity", DType::kFp64, 0xfff0000000000000, false},
                      Value{"DoubleNan", DType::kFp64, 0x7ff0000000000001, false},
                      Value{"LargestDouble", DType::kFp64, 0x7fefffffffffffff, true},
                      Value{"Integer", DType::kInt32, 0x7fc00000, true}),
    [](const auto& test) { return test.param.name; });

TEST(CountNonFiniteRowsTest, ARowCountsOnceForAllOutputs) {
  Outputs outputs(4);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const uint16_t infinity = 0x7c00;
  std::memcpy(outputs.logits.data() + 12, &nan, 4);
  std::memcpy(outputs.extra.data() + 4, &infinity, 2);
  std::memcpy(outputs.extra.data() + 8, &infinity, 2);
  EXPECT_EQ(CountNonFiniteRows(test::SmallSignature(4), outputs.views, 4), 2);
}

}  // namespace
}  // namespace actium::batching
