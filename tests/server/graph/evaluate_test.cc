#include "server/graph/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/graph/text.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using Row = std::vector<double>;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Evaluates a graph with one output.
Row Outcome(const std::string& text, const std::vector<Row>& inputs) {
  const auto graph = graph::ParseText(text);
  EXPECT_THAT(graph, IsOk());
  if (!graph.ok()) return {};
  const auto outputs = graph::Evaluate(*graph, inputs);
  EXPECT_THAT(outputs, IsOk());
  return outputs.ok() && outputs->size() == 1 ? outputs->front() : Row();
}

struct Case {
  std::string name;
  std::string graph;  // After its inputs, and before "output y".
  Row x;
  Row y;
};

class ByHandTest : public ::testing::TestWithParam<Case> {};

TEST_P(ByHandTest, IsExact) {
  EXPECT_EQ(Outcome(GetParam().graph + "\noutput y\n", {GetParam().x}), GetParam().y);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, ByHandTest,
    ::testing::Values(
        Case{"CastKeepsNumbers", "input x: uint8[3]\ny = cast(x)", {0, 7, 255}, {0, 7, 255}},
        // [1 2; 3 4] and the kernel [1 10], bias 0.5.
        Case{"Convolution",
             "input x: fp32[1, 2, 2]\nconstant w: [1, 1, 1, 2] = {1, 10}\n"
             "constant b: [1] = {0.5}\ny = convolution(x, w, b)",
             {1, 2, 3, 4},
             {21.5, 43.5}},
        Case{"ConvolutionsPaddingIsZero",
             "input x: fp32[1, 1, 2]\nconstant w: [1, 1, 1, 3] = {1, 10, 100}\n"
             "constant b: [1] = {0}\ny = convolution(x, w, b) padding=[0, 1]",
             {1, 2},
             {210, 21}},
        Case{"DilationLeavesPixelsOut",
             "input x: fp32[1, 1, 5]\nconstant w: [1, 1, 1, 2] = {1, 10}\n"
             "constant b: [1] = {0}\ny = convolution(x, w, b) dilation=[1, 3]",
             {1, 2, 3, 4, 5},
             {41, 52}},
        // Each output channel sees one input channel.
        Case{"GroupsDoNotMix",
             "input x: fp32[2, 1, 1]\nconstant w: [4, 1, 1, 1] = {1, 2, 3, 4}\n"
             "constant b: [4] = {0, 0, 0, 0}\ny = convolution(x, w, b) groups=2",
             {1, 100},
             {1, 2, 300, 400}},
        Case{"EpilogueWithResidual",
             "input x: fp32[1, 1, 2]\nconstant w: [1, 1, 1, 1] = {2}\nconstant b: [1] = {-5}\n"
             "y = convolution(x, w, b, x) { 2 = add(0, 1); 3 = relu(2) }",
             {1, 3},
             {0, 4}},
        Case{"LinearTakesTheLastDimension",
             "input x: fp32[2, 2]\nconstant w: [1, 2] = {1, 10}\nconstant b: [1] = {100}\n"
             "y = linear(x, w, b)",
             {1, 2, 3, 4},
             {121, 143}},
        Case{"BatchNorm",
             "input x: fp32[2, 2]\nconstant m: [2] = {1, 2}\nconstant v: [2] = {3, 15}\n"
             "constant s: [2] = {4, 8}\nconstant t: [2] = {0.5, -0.5}\n"
             "y = batch_norm(x, m, v, s, t) epsilon=1",
             {1, 2, 2, 4},
             {0.5, 2.5, -0.5, 3.5}},
        Case{"MaximumOfNegativeNumbers",
             "input x: fp32[1, 2, 2]\n"
             "y = pool(x) kernel=[2, 2] stride=[2, 2] padding=[1, 1]",
             {-1, -2, -3, -4},
             {-1, -2, -3, -4}},
        Case{"AverageCountsWhatIsInside",
             "input x: fp32[1, 1, 2]\n"
             "y = pool(x) kind=average kernel=[1, 2] stride=[1, 2] padding=[0, 1]",
             {8, 4},
             {8, 4}},
        Case{"AverageMayCountPadding",
             "input x: fp32[1, 1, 2]\ny = pool(x) kind=average kernel=[1, 2] stride=[1, 2] "
             "padding=[0, 1] count_padding=true",
             {8, 4},
             {4, 2}},
        // Positions 0-2 and 2-4, of which 4 does not exist, not even as padding.
        Case{"BeyondThePaddingNeverCounts",
             "input x: fp32[1, 1, 4]\ny = pool(x) kind=average kernel=[1, 3] stride=[1, 2] "
             "ceil_mode=true count_padding=true",
             {3, 6, 9, 3},
             {6, 6}},
        Case{"Pad",
             "input x: fp32[1, 1, 2]\ny = pad(x) before=[1, 0] after=[0, 1] value=7",
             {1, 2},
             {7, 7, 7, 1, 2, 7}},
        Case{"GlobalAverage",
             "input x: fp32[2, 1, 2]\ny = global_average(x)",
             {1, 3, 10, 20},
             {2, 15}},
        Case{"ReshapeKeepsTheOrder",
             "input x: fp32[2, 2]\ny = reshape(x) shape=[4, 1]",
             {1, 2, 3, 4},
             {1, 2, 3, 4}},
        Case{"ConcatAlongTheLastDimension",
             "input x: fp32[2, 2]\ny = concat(x, x) axis=1",
             {1, 2, 3, 4},
             {1, 2, 1, 2, 3, 4, 3, 4}},
        Case{"SoftmaxOfEqualNumbers",
             "input x: fp32[2, 2]\ny = softmax(x) axis=0",
             {1000, -1000, 1000, -1000},
             {0.5, 0.5, 0.5, 0.5}},
        Case{"ProgramWithoutInstructions",
             "input x: fp32[2]\nconstant c: [1] = {7}\ny = pointwise(x, c)",
             {1, 2},
             {1, 2}},
        Case{"ConstantsAlignAtTheLastDimension",
             "input x: fp32[2, 2]\nconstant c: [2] = {10, 20}\n"
             "y = pointwise(x, c) { 2 = add(0, 1) }",
             {1, 2, 3, 4},
             {11, 22, 13, 24}},
        Case{"SlopesBelongToTheFirstDimension",
             "input x: fp32[2, 2]\nconstant c: [2] = {10, 20}\n"
             "y = pointwise(x, c) { 2 = prelu(0, 1) }",
             {-1, 2, -3, -4},
             {-10, 2, -60, -80}},
        Case{"OrderOfOperands",
             "input x: fp32[2]\nconstant c: [] = {12}\n"
             "y = pointwise(x, c) { 2 = divide(1, 0); 3 = subtract(2, 0); 4 = multiply(3, 1) }",
             {1, 2},
             {132, 48}}),
    [](const auto& test) { return test.param.name; });

TEST(EvaluateTest, InputsMayBeOutputsAndOutputsMayRepeat) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const graph::Graph graph,
      graph::ParseText("input a: fp32[1]\ninput b: fp32[2]\n"
                       "c = pointwise(b) { 1 = relu(0) }\noutput c, a, c\n"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto outputs,
                              graph::Evaluate(graph, std::vector<Row>{{5}, {-1, 2}}));
  EXPECT_THAT(outputs, ElementsAre(Row{0, 2}, Row{5}, Row{0, 2}));
}

// As torch.nn.MaxPool2d and torch.softmax.
TEST(EvaluateTest, SpecialValues) {
  const std::string pool = "input x: fp32[1, 1, 3]\ny = pool(x) kernel=[1, 3]\noutput y\n";
  EXPECT_THAT(Outcome(pool, {{1, kNan, 2}}), ElementsAre(IsNan()));
  EXPECT_THAT(Outcome(pool, {{-kInf, -kInf, -kInf}}), ElementsAre(-kInf));
  const std::string softmax = "input x: fp32[2]\ny = softmax(x)\noutput y\n";
  EXPECT_THAT(Outcome(softmax, {{-kInf, 3}}), ElementsAre(0, 1));
  EXPECT_THAT(Outcome(softmax, {{kNan, 3}}), ElementsAre(IsNan(), IsNan()));
  EXPECT_THAT(Outcome(softmax, {{-kInf, -kInf}}), ElementsAre(IsNan(), IsNan()));
}

TEST(EvaluateTest, ChecksItsInputs) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph graph,
                              graph::ParseText("input image: fp32[1, 2]\ny = cast(image)\n"
                                               "output y\n"));
  EXPECT_THAT(graph::Evaluate(graph, std::vector<Row>{{1}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("input 'image': a row must have 2 numbers, got 1")));
  EXPECT_THAT(
      graph::Evaluate(graph, std::vector<Row>{}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the graph has 1 inputs, got 0")));
}

// Sums in another order, and exponentials of another library.
bool Agrees(double actual, double expected) {
  return std::abs(actual - expected) <= 1e-12 * std::abs(expected) + 1e-15;
}

TEST(EvaluateTest, AgreesWithPyTorch) {
  const auto vectors = nlohmann::json::parse(std::ifstream(ACTIUM_PYTORCH_VECTORS));
  ASSERT_GT(vectors.at("cases").size(), 90u);
  for (const auto& vector : vectors.at("cases")) {
    SCOPED_TRACE(vector.at("name").get<std::string>());
    const auto lines = vector.at("graph").get<std::vector<std::string>>();
    const Row actual = Outcome(fmt::format("{}", fmt::join(lines, "\n")),
                               vector.at("inputs").get<std::vector<Row>>());
    const Row expected = vector.at("output").get<Row>();
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      EXPECT_TRUE(Agrees(actual[i], expected[i]))
          << "number " << i << " is " << actual[i] << ", expected " << expected[i];
    }
  }
}

}  // namespace
}  // namespace actium::test
