#include "server/inference/validate_request.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::inference {
namespace {

using batching::InferRequest;
using batching::InputView;
using tensor::DType;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two inputs and two outputs, at most 8 rows; `mask` takes any width.
engine::Signature BatchedSignature() {
  return {.max_batch_size = 8,
          .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 2, 3}},
                     {.name = "mask", .dtype = DType::kFp32, .shape = {tensor::kAnySize}}},
          .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}},
                      {.name = "features", .dtype = DType::kFp16, .shape = {4}}}};
}

engine::Signature UnbatchedSignature() {
  return {.max_batch_size = 0,
          .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {2}}},
          .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {2}}}};
}

const std::vector<std::byte>& Zeros() {
  static const std::vector<std::byte> zeros(1 << 16);
  return zeros;
}

InputView Input(std::string_view name, DType dtype, tensor::Shape shape, size_t bytes) {
  InputView view{.name = name, .dtype = dtype, .shape = std::move(shape), .pieces = {}};
  view.pieces.push_back({.bytes = std::span(Zeros()).first(bytes)});
  return view;
}

batching::OutputSpec Named(const std::string& name) {
  batching::OutputSpec output;
  output.name = name;
  return output;
}

InferRequest GoodRequest() {
  InferRequest request;
  request.inputs.push_back(Input("mask", DType::kFp32, {2, 5}, 40));
  request.inputs.push_back(Input("image", DType::kUint8, {2, 1, 2, 3}, 12));
  return request;
}

TEST(CheckRequestTest, PlacesInputsInAnyOrderAndTakesAllOutputsByDefault) {
  const auto checked = CheckRequest(BatchedSignature(), GoodRequest());
  ACTIUM_ASSERT_OK(checked);
  EXPECT_EQ(checked->rows, 2);
  EXPECT_THAT(checked->inputs, ElementsAre(1, 0));
  EXPECT_THAT(checked->outputs, ElementsAre(0, 1));
}

TEST(CheckRequestTest, PlacesOutputsInTheOrderAskedFor) {
  InferRequest request = GoodRequest();
  request.outputs = {Named("features"), Named("logits")};
  const auto checked = CheckRequest(BatchedSignature(), request);
  ACTIUM_ASSERT_OK(checked);
  EXPECT_THAT(checked->outputs, ElementsAre(1, 0));
}

TEST(CheckRequestTest, CountsTheBytesOfAllPieces) {
  InferRequest request = GoodRequest();
  request.inputs[1].pieces.clear();
  for (const size_t bytes : {5, 0, 7}) {
    request.inputs[1].pieces.push_back({.bytes = std::span(Zeros()).first(bytes)});
  }
  ACTIUM_EXPECT_OK(CheckRequest(BatchedSignature(), request));
}

TEST(CheckRequestTest, TakesWholeShapesWithoutABatchDimension) {
  InferRequest request;
  request.inputs.push_back(Input("x", DType::kFp32, {2}, 8));
  const auto checked = CheckRequest(UnbatchedSignature(), request);
  ACTIUM_ASSERT_OK(checked);
  EXPECT_EQ(checked->rows, 1);
}

struct BadCase {
  std::string name;
  void (*spoil)(InferRequest&);
  std::string message;
};

class BadRequestTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadRequestTest, IsInvalidAndNamesTheField) {
  InferRequest request = GoodRequest();
  GetParam().spoil(request);
  EXPECT_THAT(CheckRequest(BatchedSignature(), request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
}

constexpr int64_t kHuge = int64_t{1} << 60;

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequestTest,
    ::testing::Values(
        BadCase{"UnknownInput", [](InferRequest& r) { r.inputs[1].name = "imag"; },
                "input 'imag': the model has no such input; its inputs: 'image', 'mask'"},
        BadCase{"MissingInput", [](InferRequest& r) { r.inputs.pop_back(); },
                "input 'image' is missing"},
        BadCase{"NoInputs", [](InferRequest& r) { r.inputs.clear(); }, "input 'image' is missing"},
        BadCase{"DoubledInput", [](InferRequest& r) { r.inputs.push_back(r.inputs[1]); },
                "input 'image': given twice"},
        BadCase{"WrongType", [](InferRequest& r) { r.inputs[1].dtype = DType::kFp32; },
                "input 'image': datatype must be UINT8, got FP32"},
        BadCase{"TextWhereNumbersBelong",
                [](InferRequest& r) { r.inputs[1].dtype = DType::kBytes; },
                "input 'image': datatype must be UINT8, got BYTES"},
        BadCase{"RankTooSmall",
                [](InferRequest& r) {
                  r.inputs[1].shape = {1, 2, 3};
                },
                "input 'image': shape must have 4 dimensions (the first is the batch), got 3: "
                "[1, 2, 3]"},
        BadCase{"NoRank", [](InferRequest& r) { r.inputs[1].shape = {}; },
                "input 'image': shape must have 4 dimensions (the first is the batch), got 0"},
        BadCase{"WrongDimension",
                [](InferRequest& r) {
                  r.inputs[1].shape = {2, 1, 2, 4};
                },
                "input 'image': dimension 3 must be 3, got 4"},
        BadCase{"NegativeDimension",
                [](InferRequest& r) {
                  r.inputs[0].shape = {2, -5};
                },
                "input 'mask': dimension 1 must be at least 1, got -5"},
        BadCase{"EmptyBatch", [](InferRequest& r) { r.inputs[1].shape[0] = 0; },
                "input 'image': dimension 0 (the batch size) must be at least 1, got 0"},
        BadCase{"NegativeBatch", [](InferRequest& r) { r.inputs[1].shape[0] = -1; },
                "input 'image': dimension 0 (the batch size) must be at least 1, got -1"},
        BadCase{"BatchTooLarge", [](InferRequest& r) { r.inputs[1].shape[0] = 9; },
                "input 'image': dimension 0 (the batch size) must be at most max_batch_size 8, "
                "got 9"},
        BadCase{"DifferentBatches",
                [](InferRequest& r) {
                  r.inputs[0] = Input("mask", DType::kFp32, {3, 5}, 60);
                },
                "input 'mask': dimension 0 (the batch size) must be 2 as in input 'image', got 3"},
        BadCase{"TooFewBytes",
                [](InferRequest& r) { r.inputs[1].pieces[0].bytes = std::span(Zeros()).first(11); },
                "input 'image': contents must be 12 bytes for UINT8 of shape [2, 1, 2, 3], got 11"},
        BadCase{"TooManyBytes",
                [](InferRequest& r) { r.inputs[1].pieces[0].bytes = std::span(Zeros()).first(13); },
                "input 'image': contents must be 12 bytes"},
        BadCase{"NoBytes", [](InferRequest& r) { r.inputs[1].pieces.clear(); },
                "input 'image': contents must be 12 bytes for UINT8 of shape [2, 1, 2, 3], got 0"},
        BadCase{"BytesOverflow",
                [](InferRequest& r) {
                  r.inputs[0].shape = {8, kHuge};
                },
                "input 'mask': shape [8, 1152921504606846976] has more than 2^63 bytes"},
        BadCase{"UnknownOutput", [](InferRequest& r) { r.outputs = {Named("probs")}; },
                "output 'probs': the model has no such output; its outputs: 'logits', 'features'"},
        BadCase{"DoubledOutput",
                [](InferRequest& r) {
                  r.outputs = {Named("logits"), Named("logits")};
                },
                "output 'logits': requested twice"}),
    [](const auto& test) { return test.param.name; });

TEST(CheckRequestTest, KeepsMessagesShortWhateverTheNames) {
  const std::string name(100'000, 'x');
  InferRequest request = GoodRequest();
  request.inputs[0].name = name;
  const auto checked = CheckRequest(BatchedSignature(), request);
  ASSERT_FALSE(checked.ok());
  EXPECT_LT(checked.status().message().size(), 1024u);
}

}  // namespace
}  // namespace actium::inference
