#include "client/cli/explanation.h"

#include <gtest/gtest.h>

namespace actium::cli {
namespace {

TEST(RenderModelGraphsTest, ShowsBothAndCountsTheirSteps) {
  v1::ExplainModelResponse explanation;
  explanation.set_imported_graph(
      "input x: fp32[3]\nconstant w: [3]\na = sigmoid(x)\ny = mul(a, x)\noutput y\n");
  explanation.set_graph("input x: fp32[3]\ny = pointwise(x) { 1 = swish(0) }\noutput y\n");
  EXPECT_EQ(RenderModelGraphs(explanation),
            "# as imported (steps: 2)\n"
            "input x: fp32[3]\nconstant w: [3]\na = sigmoid(x)\ny = mul(a, x)\noutput y\n"
            "\n"
            "# as it runs (steps: 1)\n"
            "input x: fp32[3]\ny = pointwise(x) { 1 = swish(0) }\noutput y\n");
}

TEST(RenderModelGraphsTest, SaysThatAModelHasNone) {
  v1::ExplainModelResponse explanation;
  explanation.set_model("net");
  explanation.set_engine("libtorch");
  EXPECT_EQ(RenderModelGraphs(explanation), "net runs op by op on libtorch: there is no graph.\n");
}

TEST(RenderModelGraphsTest, CannotWriteToTheTerminalWhatIsNoText) {
  v1::ExplainModelResponse explanation;
  explanation.set_graph("x = \x1b[2J");
  EXPECT_EQ(RenderModelGraphs(explanation).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace actium::cli
