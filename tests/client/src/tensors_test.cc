#include "actium/tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

inference::ModelInferResponse Answer(const std::string& datatype, std::vector<int64_t> shape,
                                     std::string contents) {
  inference::ModelInferResponse response;
  auto* output = response.add_outputs();
  output->set_name("logits");
  output->set_datatype(datatype);
  output->mutable_shape()->Add(shape.begin(), shape.end());
  response.add_raw_output_contents(std::move(contents));
  return response;
}

// As the protocol writes BYTES elements.
std::string Bytes(const std::vector<std::string>& elements) {
  std::string contents;
  for (const std::string& element : elements) {
    const auto length = static_cast<uint32_t>(element.size());
    contents.append(reinterpret_cast<const char*>(&length), sizeof(length));
    contents += element;
  }
  return contents;
}

TEST(AddInputTest, WritesTypeShapeAndLittleEndianBytes) {
  inference::ModelInferRequest request;
  const std::vector<int16_t> values = {1, -2};
  const std::vector<int64_t> shape = {1, 2};
  ASSERT_THAT(client::AddInput<int16_t>(request, "x", shape, values), IsOk());
  EXPECT_EQ(request.inputs(0).datatype(), "INT16");
  EXPECT_THAT(request.inputs(0).shape(), ElementsAre(1, 2));
  EXPECT_EQ(request.raw_input_contents(0), std::string("\x01\x00\xfe\xff", 4));
}

TEST(AddInputTest, RefusesWhatDoesNotFitAndLeavesTheRequestAlone) {
  inference::ModelInferRequest request;
  const std::vector<int64_t> shape = {2, 2};
  const std::vector<float> values = {1, 2, 3};
  EXPECT_THAT(
      client::AddInput<float>(request, "x", shape, values),
      StatusIs(kInvalid, HasSubstr("input 'x': FP32 of shape [2, 2] must have 16 bytes, got 12")));
  const std::vector<int64_t> huge = {int64_t{1} << 60, 1 << 10};
  EXPECT_THAT(client::AddRawInput(request, "x", "FP32", huge, ""),
              StatusIs(kInvalid, HasSubstr("2^63")));
  EXPECT_EQ(request.inputs_size(), 0);
  const std::vector<int64_t> one = {1};
  ASSERT_THAT(client::AddRawInput(request, "x", "UINT8", one, "a"), IsOk());
  EXPECT_THAT(client::AddRawInput(request, "x", "UINT8", one, "b"),
              StatusIs(kInvalid, HasSubstr("given twice")));
  EXPECT_EQ(request.raw_input_contents_size(), 1);
}

TEST(OutputValuesTest, ReadsValuesAndChecksNameTypeAndSize) {
  const float values[] = {1.5f, -2.0f};
  const std::string bytes(reinterpret_cast<const char*>(values), sizeof(values));
  const auto answer = Answer("FP32", {1, 2}, bytes);
  EXPECT_THAT(*client::OutputValues<float>(answer, "logits"), ElementsAre(1.5f, -2.0f));
  EXPECT_THAT(client::OutputValues<float>(answer, "other").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("outputs: logits")));
  EXPECT_THAT(client::OutputValues<double>(answer, "logits").status(),
              StatusIs(kInvalid, HasSubstr("is FP32, not FP64")));
  EXPECT_THAT(client::OutputValues<float>(Answer("FP32", {1, 3}, bytes), "logits").status(),
              StatusIs(kInvalid, HasSubstr("does not have 8 bytes")));
  inference::ModelInferResponse without = answer;
  without.clear_raw_output_contents();
  EXPECT_THAT(client::OutputValues<float>(without, "logits").status(),
              StatusIs(kInvalid, HasSubstr("no raw contents")));
}

TEST(OutputClassesTest, ReadsRowsOfScoreIndexAndLabel) {
  const auto rows = client::OutputClasses(
      Answer("BYTES", {2, 2}, Bytes({"2.5:3:Ankle boot", "-1e-3:0:a:b", "7:1", "6:2"})), "logits");
  ASSERT_THAT(rows.status(), IsOk());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0][0].index, 3);
  EXPECT_EQ((*rows)[0][0].label, "Ankle boot");
  EXPECT_DOUBLE_EQ((*rows)[0][1].score, -1e-3);
  EXPECT_EQ((*rows)[0][1].label, "a:b") << "a label may hold a colon";
  EXPECT_EQ((*rows)[1][1].index, 2);
  EXPECT_EQ((*rows)[1][1].label, "");
}

TEST(OutputClassesTest, RefusesDamagedContents) {
  const auto classes = [](std::vector<int64_t> shape, std::string contents) {
    return client::OutputClasses(Answer("BYTES", std::move(shape), std::move(contents)), "logits")
        .status();
  };
  EXPECT_THAT(classes({1, 1}, "\x05"), StatusIs(kInvalid, HasSubstr("cut off")));
  EXPECT_THAT(classes({1, 1}, std::string("\xff\xff\xff\xff", 4) + "x"),
              StatusIs(kInvalid, HasSubstr("cut off")));
  EXPECT_THAT(classes({1, 1}, Bytes({"boot"})), StatusIs(kInvalid, HasSubstr("element 0")));
  EXPECT_THAT(classes({1, 1}, Bytes({"1:-2"})), StatusIs(kInvalid, HasSubstr("element 0")));
  EXPECT_THAT(classes({1, 1}, Bytes({"1:2x"})), StatusIs(kInvalid, HasSubstr("element 0")));
  EXPECT_THAT(classes({1, 0}, ""), StatusIs(kInvalid, HasSubstr("does not fit")));
  EXPECT_THAT(classes({1, 2}, Bytes({"1:2"})), StatusIs(kInvalid, HasSubstr("does not fit")));
}

}  // namespace
}  // namespace actium::test
