#include "server/inference/classify.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace actium::inference {
namespace {

using batching::OutputTensor;
using tensor::DType;
using ::testing::ElementsAre;

template <class T>
OutputTensor Output(DType dtype, tensor::Shape shape, const std::vector<T>& values) {
  OutputTensor output{.name = "logits", .dtype = dtype, .shape = std::move(shape), .bytes = {}};
  output.bytes.resize(values.size() * sizeof(T));
  std::memcpy(output.bytes.data(), values.data(), output.bytes.size());
  return output;
}

// Takes a BYTES tensor apart again.
std::vector<std::string> Elements(const OutputTensor& output) {
  std::vector<std::string> elements;
  for (size_t at = 0; at < output.bytes.size();) {
    uint32_t length = 0;
    std::memcpy(&length, output.bytes.data() + at, sizeof(length));
    elements.push_back(output.bytes.substr(at + sizeof(length), length));
    at += sizeof(length) + length;
  }
  return elements;
}

TEST(ClassifyTest, GivesTheLargestOfEachRowWithLabels) {
  OutputTensor output = Output<float>(DType::kFp32, {2, 3}, {0.25f, 4.0f, -1.0f, 9.5f, 0.0f, 1.0f});
  Classify(output, true, 2, {"cat", "dog"});
  EXPECT_EQ(output.dtype, DType::kBytes);
  EXPECT_THAT(output.shape, ElementsAre(2, 2));
  EXPECT_THAT(Elements(output),
              ElementsAre("4.000000:1:dog", "0.250000:0:cat", "9.500000:0:cat", "1.000000:2"));
}

TEST(ClassifyTest, GivesAllClassesWhereMoreAreAskedFor) {
  OutputTensor output = Output<float>(DType::kFp32, {1, 2}, {1.0f, 2.0f});
  Classify(output, true, std::numeric_limits<int>::max(), {});
  EXPECT_THAT(output.shape, ElementsAre(1, 2));
  EXPECT_THAT(Elements(output), ElementsAre("2.000000:1", "1.000000:0"));
}

TEST(ClassifyTest, FlattensWhatIsBehindTheRows) {
  OutputTensor output = Output<int32_t>(DType::kInt32, {1, 2, 2}, {1, -7, 3, 2});
  Classify(output, true, 4, {});
  EXPECT_THAT(Elements(output), ElementsAre("3:2", "2:3", "1:0", "-7:1"));
}

TEST(ClassifyTest, WithoutABatchDimensionTheShapeIsK) {
  OutputTensor output = Output<double>(DType::kFp64, {2, 2}, {1, 4, 3, 2});
  Classify(output, false, 1, {});
  EXPECT_THAT(output.shape, ElementsAre(1));
  EXPECT_THAT(Elements(output), ElementsAre("4.000000:1"));
}

TEST(ClassifyTest, EqualValuesAreInOrderOfTheirIndex) {
  OutputTensor output = Output<uint8_t>(DType::kUint8, {1, 4}, {7, 9, 9, 7});
  Classify(output, true, 4, {});
  EXPECT_THAT(Elements(output), ElementsAre("9:1", "9:2", "7:0", "7:3"));
}

TEST(ClassifyTest, NanComesLastAndInfinitiesInTheirPlace) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  OutputTensor output = Output<float>(DType::kFp32, {1, 5}, {NAN, -kInf, NAN, kInf, 0.0f});
  Classify(output, true, 5, {});
  EXPECT_THAT(Elements(output), ElementsAre("inf:3", "0.000000:4", "-inf:1", "nan:0", "nan:2"));
}

TEST(ClassifyTest, ReadsHalfAndBfloat16) {
  // 1.5, the smallest subnormal (2^-24), -2, infinity.
  OutputTensor half = Output<uint16_t>(DType::kFp16, {1, 4}, {0x3e00, 0x0001, 0xc000, 0x7c00});
  Classify(half, true, 4, {});
  EXPECT_THAT(Elements(half), ElementsAre("inf:3", "1.500000:0", "0.000000:1", "-2.000000:2"));
  OutputTensor bfloat = Output<uint16_t>(DType::kBf16, {1, 3}, {0x3fc0, 0xc000, 0x4040});
  Classify(bfloat, true, 3, {});
  EXPECT_THAT(Elements(bfloat), ElementsAre("3.000000:2", "1.500000:0", "-2.000000:1"));
}

TEST(ClassifyTest, KeepsWholeNumbersWhole) {
  OutputTensor output = Output<uint64_t>(DType::kUint64, {1, 2}, {UINT64_MAX, UINT64_MAX - 1});
  Classify(output, true, 1, {});
  EXPECT_THAT(Elements(output), ElementsAre("18446744073709551615:0"));
  OutputTensor small = Output<int8_t>(DType::kInt8, {1, 2}, {-128, 127});
  Classify(small, true, 2, {});
  EXPECT_THAT(Elements(small), ElementsAre("127:1", "-128:0"));
}

}  // namespace
}  // namespace actium::inference
