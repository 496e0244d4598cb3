// Each pass as a graph's text before and after.
#include "server/graph/passes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/graph/text.h"
#include "tests/support/status_matchers.h"

namespace actium::graph {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

using Function = absl::StatusOr<Graph> (*)(const Graph&);

// The text that a pass makes of a text; constants as shapes.
std::string After(Function pass, const std::string& before,
                  ConstantStyle style = ConstantStyle::kShapes) {
  const absl::StatusOr<Graph> graph = ParseText(before);
  if (!graph.ok()) return std::string(graph.status().message());
  const absl::StatusOr<Graph> after = pass(*graph);
  return after.ok() ? ToText(*after, style) : std::string(after.status().message());
}

// The same text as ToText() writes it.
std::string Plain(const std::string& text, ConstantStyle style = ConstantStyle::kShapes) {
  return After([](const Graph& graph) -> absl::StatusOr<Graph> { return graph; }, text, style);
}

constexpr const char* kConvolution = R"(
input x: fp32[1, 4, 4]
constant w: [2, 1, 1, 1] = {2, 3}
constant b: [2] = {0.5, -1}
)";

// A convolution of 3 x 2 that reads what the first line makes.
std::string Padded(const std::string& pad, const std::string& convolution) {
  return "input x: fp32[1, 4, 4]\n" + pad +
         "constant w: [1, 1, 3, 2] = {1, 2, 3, 4, 5, 6}\nconstant b: [1] = {0}\n" + convolution;
}

TEST(FoldPaddingTest, BecomesTheConvolutions) {
  EXPECT_EQ(After(FoldPadding, Padded("p = pad(x) before=[1, 0] after=[1, 0]\n",
                                      "y = convolution(p, w, b) padding=[0, 1]\noutput y\n")),
            Plain(Padded("", "y = convolution(x, w, b) padding=[1, 1]\noutput y\n")));
}

TEST(FoldPaddingTest, StaysWhereAConvolutionCannotHaveIt) {
  const std::string reads = "y = convolution(p, w, b)\noutput y\n";
  for (const std::string& text : {Padded("p = pad(x) before=[1, 0] after=[0, 0]\n", reads),
                                  Padded("p = pad(x) before=[1, 0] after=[1, 0] value=1\n", reads),
                                  Padded("p = pad(x) before=[3, 0] after=[3, 0]\n", reads),
                                  Padded("p = pad(x) before=[1, 0] after=[1, 0]\n",
                                         "y = convolution(p, w, b)\noutput y, p\n")}) {
    EXPECT_EQ(After(FoldPadding, text), Plain(text));
  }
  const std::string pool =
      "input x: fp32[1, 4, 4]\np = pad(x) before=[1, 0] after=[1, 0]\n"
      "y = pool(p)\noutput y\n";
  EXPECT_EQ(After(FoldPadding, pool), Plain(pool));
}

TEST(FoldBatchNormTest, GoesIntoTheConvolutionBeforeIt) {
  // (x - mean) / sqrt(variance + 0) * scale + shift: factors 0.5 and 4.
  EXPECT_EQ(After(FoldBatchNorm, std::string(kConvolution) + R"(
constant mean: [2] = {1, 0}
constant variance: [2] = {4, 0.25}
constant scale: [2] = {1, 2}
constant shift: [2] = {0, 1}
c = convolution(x, w, b)
y = batch_norm(c, mean, variance, scale, shift) epsilon=0
output y
)",
                  ConstantStyle::kNumbers),
            Plain(R"(
input x: fp32[1, 4, 4]
constant w.folded: [2, 1, 1, 1] = {1, 12}
constant b.folded: [2] = {-0.25, -3}
y = convolution(x, w.folded, b.folded)
output y
)",
                  ConstantStyle::kNumbers));
}

TEST(FoldBatchNormTest, IsAFactorAndAnOffsetWhereTheConvolutionIsReadByOthers) {
  const std::string after = After(FoldBatchNorm, std::string(kConvolution) + R"(
c = convolution(x, w, b)
y = batch_norm(c, b, b, b, b)
output c, y
)");
  EXPECT_THAT(after, HasSubstr("c = convolution(x, w, b)\n"));
  EXPECT_THAT(after, HasSubstr("y = pointwise(c, y.factor, y.offset) { 3 = multiply(0, 1); 4 = "
                               "add(3, 2) }\n"));
}

TEST(FusePointwiseTest, MergesAChain) {
  EXPECT_EQ(After(FusePointwise, R"(
input x: fp32[3]
constant k: [] = {2}
a = pointwise(x, k) { 2 = divide(0, 1) }
b = pointwise(a) { 1 = mish(0) }
y = pointwise(b, x) { 2 = add(0, 1) }
output y
)"),
            Plain(R"(
input x: fp32[3]
constant k: [] = {2}
y = pointwise(x, k) { 2 = divide(0, 1); 3 = mish(2); 4 = add(3, 0) }
output y
)"));
}

TEST(FusePointwiseTest, AValueThatOthersReadStays) {
  const std::string before = R"(
input x: fp32[3]
a = pointwise(x) { 1 = mish(0) }
y = pointwise(a) { 1 = relu(0) }
output a, y
)";
  EXPECT_EQ(After(FusePointwise, before), Plain(before));
}

TEST(FusePointwiseTest, BothReadsOfAValueMayBeMerged) {
  EXPECT_EQ(After(FusePointwise, R"(
input x: fp32[3]
a = pointwise(x) { 1 = relu(0) }
y = pointwise(a) { 1 = sigmoid(0); 2 = multiply(0, 1) }
output y
)"),
            Plain(R"(
input x: fp32[3]
y = pointwise(x) { 1 = relu(0); 2 = sigmoid(1); 3 = multiply(1, 2) }
output y
)"));
}

TEST(FuseEpilogueTest, APointwiseStepJoinsTheConvolution) {
  EXPECT_EQ(After(FuseEpilogue, std::string(kConvolution) + R"(
c = convolution(x, w, b) padding=[1, 1]
y = pointwise(c, b) { 2 = prelu(0, 1) }
output y
)"),
            Plain(std::string(kConvolution) + R"(
y = convolution(x, w, b, b) padding=[1, 1] { 2 = prelu(0, 1) }
output y
)"));
}

TEST(FuseEpilogueTest, AResidualAdditionJoinsTheLastConvolution) {
  EXPECT_EQ(After(FuseEpilogue, std::string(kConvolution) + R"(
shortcut = convolution(x, w, b)
c = convolution(x, w, b)
y = pointwise(shortcut, c) { 2 = add(0, 1); 3 = relu(2) }
output y
)"),
            Plain(std::string(kConvolution) + R"(
shortcut = convolution(x, w, b)
y = convolution(x, w, b, shortcut) { 2 = add(1, 0); 3 = relu(2) }
output y
)"));
}

TEST(FuseEpilogueTest, NothingJoinsAConvolutionThatOthersRead) {
  const std::string before = std::string(kConvolution) + R"(
c = convolution(x, w, b)
y = pointwise(c) { 1 = relu(0) }
output y, c
)";
  EXPECT_EQ(After(FuseEpilogue, before), Plain(before));
}

TEST(RunPassesTest, WhatNoOutputNeedsIsDropped) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph, ParseText(R"(
input x: fp32[3]
constant k: [] = {2}
unused = pointwise(x, k) { 2 = add(0, 1) }
y = pointwise(x) { 1 = relu(0) }
output y
)"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph after, RunPasses(graph));
  EXPECT_EQ(after.nodes().size(), 1);
  EXPECT_EQ(after.values().size(), 2);
}

TEST(RunPassesTest, PassesAreDisabledByName) {
  const std::string text = std::string(kConvolution) + R"(
c = convolution(x, w, b)
y = pointwise(c) { 1 = relu(0) }
output y
)";
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph, ParseText(text));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph all, RunPasses(graph));
  EXPECT_EQ(all.nodes().size(), 1);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph without, RunPasses(graph, {"fuse_epilogue"}));
  EXPECT_EQ(without.nodes().size(), 2);
  EXPECT_THAT(RunPasses(graph, {"nonsense"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("fuse_epilogue")));
}

}  // namespace
}  // namespace actium::graph
