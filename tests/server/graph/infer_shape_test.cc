#include "server/graph/infer_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/graph/text.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using tensor::Shape;
using ::testing::HasSubstr;

constexpr const char* kValues = R"(
input image: fp32[4, 5, 6]
input bytes: uint8[4, 5, 6]
input vector: fp32[6]
input scalar: fp32[]
input other: fp32[4, 5, 7]
constant w: [2, 4, 1, 1] = {1, 1, 1, 1, 1, 1, 1, 1}
constant grouped: [2, 2, 1, 1] = {1, 1, 1, 1}
constant wide: [1, 4, 1, 7] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
constant matrix: [2, 6] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
constant one: [1] = {1}
constant two: [2] = {1, 1}
constant four: [4] = {1, 1, 1, 1}
constant six: [6] = {1, 1, 1, 1, 1, 1}
)";

absl::StatusOr<graph::Graph> WithNode(const std::string& node) {
  return graph::ParseText(kValues + ("y = " + node) + "\noutput y\n");
}

struct Good {
  std::string node;
  Shape shape;
};

class ShapeTest : public ::testing::TestWithParam<Good> {};

TEST_P(ShapeTest, IsInferred) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph graph, WithNode(GetParam().node));
  EXPECT_EQ(graph.values().back().shape, GetParam().shape) << GetParam().node;
}

INSTANTIATE_TEST_SUITE_P(
    All, ShapeTest,
    ::testing::Values(Good{"cast(bytes)", {4, 5, 6}}, Good{"cast(scalar)", {}},
                      Good{"convolution(image, w, two)", {2, 5, 6}},
                      Good{"convolution(image, w, two) stride=[2, 4] padding=[1, 0]", {2, 4, 2}},
                      Good{"convolution(image, grouped, two) groups=2", {2, 5, 6}},
                      Good{"convolution(image, wide, one) padding=[0, 1]", {1, 5, 2}},
                      Good{"linear(vector, matrix, two)", {2}},
                      Good{"linear(image, matrix, two)", {4, 5, 2}},
                      Good{"batch_norm(image, four, four, four, four)", {4, 5, 6}},
                      Good{"batch_norm(vector, six, six, six, six)", {6}},
                      Good{"pointwise(image, six) { 2 = add(1, 0) }", {4, 5, 6}},
                      Good{"pointwise(six, image) { 2 = add(1, 0) }", {4, 5, 6}},
                      Good{"pointwise(scalar) { 1 = relu(0) }", {}},
                      Good{"pointwise(image, four) { 2 = prelu(0, 1) }", {4, 5, 6}},
                      Good{"pad(image) before=[1, 0] after=[2, 3] value=-1", {4, 8, 9}},
                      Good{"pool(image) kernel=[2, 2] stride=[2, 2]", {4, 2, 3}},
                      Good{"pool(image) kernel=[2, 2] stride=[2, 2] ceil_mode=true", {4, 3, 3}},
                      Good{"global_average(image)", {4}}, Good{"reshape(image) shape=[120]", {120}},
                      Good{"reshape(image) shape=[1, 12, 10]", {1, 12, 10}},
                      Good{"concat(image, other, image) axis=2", {4, 5, 19}},
                      Good{"softmax(image) axis=2", {4, 5, 6}}));

struct Bad {
  std::string node;
  std::string message;
};

class RefusedTest : public ::testing::TestWithParam<Bad> {};

TEST_P(RefusedTest, SaysWhy) {
  EXPECT_THAT(WithNode(GetParam().node),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().message)))
      << GetParam().node;
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, RefusedTest,
    ::testing::Values(
        Bad{"cast()", "y: cast: takes 1 inputs, got 0"}, Bad{"cast(two)", "two is a constant"},
        Bad{"convolution(image, w)", "takes 3 inputs, got 2"},
        Bad{"convolution(bytes, w, two)", "bytes must be FP32, is UINT8"},
        Bad{"convolution(vector, w, two)", "vector must be [C, H, W], is [6]"},
        Bad{"convolution(image, two, two)", "two must be [K, C, R, S]"},
        Bad{"convolution(image, w, four)", "four must be a constant [2], is [4]"},
        Bad{"convolution(image, image, two)", "image must be [K, C, R, S]"},
        Bad{"linear(scalar, matrix, two)", "scalar must have a dimension"},
        Bad{"linear(other, matrix, two)", "matrix must be a constant [2, 7], is [2, 6]"},
        Bad{"linear(vector, matrix, vector)", "vector must be a constant [2], is [6], no constant"},
        Bad{"linear(six, matrix, two)", "six must depend on an input, is a constant"},
        Bad{"batch_norm(image, four, four, four, six)", "six must be a constant [4], is [6]"},
        Bad{"pad(vector)", "vector must be [C, H, W], is [6]"},
        Bad{"pad(image) before=[-1, 0]", "before must be"},
        Bad{"pool(vector)", "vector must be [C, H, W], is [6]"},
        Bad{"global_average(image, image)", "takes 1 inputs, got 2"},
        Bad{"reshape(image) shape=[7]", "[7] does not have the elements of [4, 5, 6]"},
        Bad{"reshape(image) shape=[-4, -30]", "[-4, -30]"}, Bad{"concat()", "got 0"},
        Bad{"concat(image, other) axis=1", "other [4, 5, 7]"},
        Bad{"concat(image, vector)", "vector [6]"},
        Bad{"softmax(bytes)", "bytes must be FP32, is UINT8"},
        Bad{"softmax(scalar)", "axis must be in [0, 0), got 0"}));

INSTANTIATE_TEST_SUITE_P(
    Attributes, RefusedTest,
    ::testing::Values(
        Bad{"convolution(image, w, two) stride=[0, 1]", "stride must be in [1, 1048576], got 0"},
        Bad{"convolution(image, w, two) padding=[-1, 1]",
            "padding must be in [0, 1048576], got -1"},
        Bad{"convolution(image, w, two) dilation=[1, 9000000]", "got 9000000"},
        Bad{"convolution(image, w, two) groups=3", "groups must divide 4 and 2 channels, got 3"},
        Bad{"convolution(image, w, two) groups=0", "got 0"},
        Bad{"convolution(image, wide, one)", "the kernel [1, 4, 1, 7] does not fit [4, 5, 6]"},
        Bad{"batch_norm(image, four, four, four, four) epsilon=-1",
            "epsilon must be at least 0, got -1"},
        Bad{"batch_norm(image, four, four, four, four) epsilon=nan", "epsilon"},
        Bad{"pool(image) kernel=[2, 3] padding=[1, 2]",
            "padding must be at most half of the kernel, 1, got 2"},
        Bad{"pool(image) kernel=[6, 1]", "the window does not fit [4, 5, 6]"},
        Bad{"concat(image) axis=3", "axis must be in [0, 3), got 3"},
        Bad{"softmax(image) axis=-1", "axis must be in [0, 3), got -1"}));

INSTANTIATE_TEST_SUITE_P(
    Programs, RefusedTest,
    ::testing::Values(
        Bad{"pointwise(two) { 1 = relu(0) }", "one input at least must be no constant"},
        Bad{"pointwise(six, vector)", "six must be no constant"},
        Bad{"pointwise(image, other) { 2 = add(0, 1) }", "other must be [4, 5, 6], is [4, 5, 7]"},
        Bad{"pointwise(image, bytes) { 2 = add(0, 1) }", "bytes must be FP32"},
        Bad{"pointwise(image) { 1 = relu(1) }", "instruction 1 reads register 1 of 1"},
        Bad{"pointwise(image) { 1 = relu(-1) }", "instruction 1 reads register -1 of 1"},
        Bad{"pointwise(image) { 1 = add(0) }", "instruction 1 reads register -1 of 1"},
        Bad{"pointwise(image) { 1 = relu(0, 0) }", "relu takes one register"},
        Bad{"pointwise(image) { 1 = prelu(0) }", "prelu needs the register of its slopes"},
        Bad{"pointwise(image) { 1 = prelu(0, 0) }", "image must be a constant [1] or [4]"},
        Bad{"pointwise(image, six) { 2 = prelu(0, 1) }", "six must be a constant [1] or [4]"},
        Bad{"pointwise(image, six) { 2 = relu(1) }", "relu of the constant six"},
        Bad{"pointwise(image, four) { 2 = add(0, 1) }", "four [4] does not broadcast to [4, 5, 6]"},
        Bad{"pointwise(image, six) { 2 = add(1, 1) }", "an instruction combines two constants"},
        Bad{"pointwise(image) { 1 = elu(0) alpha=1e9 }", "alpha must be in"},
        Bad{"convolution(image, w, two, image) { 2 = add(0, 1) }", "image must be [2, 5, 6]"}));

TEST(WindowPositionsTest, AgreesWithPyTorch) {
  const auto vectors = nlohmann::json::parse(std::ifstream(ACTIUM_PYTORCH_VECTORS));
  ASSERT_GT(vectors.at("window_positions").size(), 200u);
  for (const auto& row : vectors.at("window_positions")) {
    const auto [size, kernel, stride, padding, ceil_mode, positions] =
        row.get<std::array<int64_t, 6>>();
    const int64_t actual =
        graph::WindowPositions(size, kernel, stride, padding, /*dilation=*/1, ceil_mode != 0);
    EXPECT_EQ(std::max<int64_t>(actual, 0), positions) << row;
  }
}

}  // namespace
}  // namespace actium::test
