#include "server/cpu/cpu_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "server/engine/run_batch.h"
#include "server/graph/text.h"
#include "tests/server/cpu/cpu_model_of.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

graph::Graph GraphOf(std::string_view text) {
  absl::StatusOr<graph::Graph> graph = graph::ParseText(text);
  EXPECT_THAT(graph, IsOk());
  return *std::move(graph);
}

// The results of one row.
Row RunOnce(std::string_view text, Row row) {
  const auto model = CpuModelOf(GraphOf(text), 1).value();
  absl::StatusOr<std::vector<Row>> results = ModelStream(*model).Run({std::move(row)});
  EXPECT_THAT(results, IsOk());
  return (*results)[0];
}

constexpr std::string_view kSmall = R"(
  input image: uint8[1, 2, 2]
  constant weight: [2, 1, 1, 1] = {1, -1}
  constant bias: [2] = {0, 1}
  x = cast(image)
  y = convolution(x, weight, bias) { 1 = relu(0) }
  z = global_average(y)
  output y, z
)";

TEST(CpuModelTest, GivesOutputsRowMajor) {
  EXPECT_THAT(RunOnce(kSmall, {{0, 1, 2, 3}}),
              ElementsAre(ElementsAre(0, 1, 2, 3, 1, 0, 0, 0), ElementsAre(1.5, 0.25)));
}

TEST(CpuModelTest, GivesAnInputBack) {
  EXPECT_THAT(RunOnce("input x: uint8[2, 1, 2]\noutput x\n", {{1, 2, 3, 4}}),
              ElementsAre(ElementsAre(1, 2, 3, 4)));
  EXPECT_THAT(RunOnce("input x: fp32[2, 1, 2]\noutput x\n", {{1, 2, 3, 4}}),
              ElementsAre(ElementsAre(1, 2, 3, 4)));
}

TEST(CpuModelTest, ReshapesImagesInRowMajorOrder) {
  EXPECT_THAT(RunOnce(R"(
                input x: fp32[2, 1, 3]
                y = reshape(x) shape=[3, 2, 1]
                z = reshape(y) shape=[6]
                output y, z
              )",
                      {{1, 2, 3, 4, 5, 6}}),
              ElementsAre(ElementsAre(1, 2, 3, 4, 5, 6), ElementsAre(1, 2, 3, 4, 5, 6)));
}

// The numeric contract; oneDNN's own ReLU would give 0.
TEST(CpuModelTest, NanReachesTheOutput) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Row result = RunOnce(R"(
    input x: fp32[1, 2, 2]
    constant weight: [1, 1, 1, 1] = {1}
    constant bias: [1] = {0}
    y = convolution(x, weight, bias) { 1 = relu(0) }
    z = pool(y) kind=max kernel=[2, 2] stride=[2, 2]
    output y, z
  )",
                             {{1, nan, 2, 3}});
  EXPECT_TRUE(std::isnan(result[0][1]));
  EXPECT_TRUE(std::isnan(result[1][0]));
  EXPECT_EQ(result[0][3], 3);
}

TEST(CpuModelTest, ReadsEveryBitPatternOfHalves) {
  const auto model =
      CpuModelOf(GraphOf("input x: fp16[256]\ny = cast(x)\noutput y\n"), 256).value();
  ModelStream stream(*model);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto views, stream.slot().Prepare({{256, 256}}));
  for (size_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    std::memcpy(views[0].bytes.data() + 2 * i, &bits, 2);
  }
  ACTIUM_ASSERT_OK(engine::RunBatch(stream.executor(), stream.slot()).status());
  const std::byte* const results = stream.slot().outputs()[0].bytes.data();
  for (size_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    _Float16 half;
    float result;
    std::memcpy(&half, &bits, 2);
    std::memcpy(&result, results + 4 * i, 4);
    const auto right = static_cast<float>(half);
    ASSERT_TRUE(result == right || (std::isnan(result) && std::isnan(right))) << i;
    ASSERT_EQ(std::signbit(result), std::signbit(right)) << i;
  }
}

TEST(CpuModelTest, HasFourPlansInEveryDoublingAndOneForTheLargestBatch) {
  const auto model = CpuModelOf(GraphOf(kSmall), 33).value();
  EXPECT_THAT(model->batch_sizes(),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 33));
  EXPECT_THAT(CpuModelOf(GraphOf(kSmall), 1).value()->batch_sizes(), ElementsAre(1));
  EXPECT_THAT(CpuModelOf(GraphOf(kSmall), 4).value()->batch_sizes(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(model->engine(), "cpu");
  EXPECT_EQ(model->precision(), "fp32");
}

TEST(CpuModelTest, ReturnsItsFactsAndGraph) {
  const graph::Graph graph = GraphOf(kSmall);
  engine::ModelFacts facts;
  facts.weights_digest = "abc";
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model,
                              cpu::NewCpuModel(graph, SignatureOf(graph, 2), facts));
  EXPECT_EQ(model->facts().weights_digest, "abc");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph same, model->ToGraph());
  EXPECT_EQ(graph::ToText(same), graph::ToText(graph));
}

TEST(CpuModelTest, RefusesASignatureThatDiffers) {
  const graph::Graph graph = GraphOf(kSmall);
  const auto refusal = [&](auto change) {
    engine::Signature signature = SignatureOf(graph, 4);
    change(signature);
    return cpu::NewCpuModel(graph, signature, {}).status();
  };
  EXPECT_THAT(refusal([](auto& s) { s.inputs[0].dtype = tensor::DType::kFp32; }),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("input 'in0'")));
  EXPECT_THAT(refusal([](auto& s) { s.outputs[1].shape = {3}; }),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("output 'out1'")));
  EXPECT_THAT(refusal([](auto& s) { s.outputs.pop_back(); }),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("2 outputs")));
  EXPECT_THAT(refusal([](auto& s) { s.max_batch_size = 0; }),
              StatusIs(StatusCode::kUnimplemented, HasSubstr("batch dimension")));
}

TEST(CpuModelTest, RefusesOtherDevices) {
  const auto model = CpuModelOf(GraphOf(kSmall), 4).value();
  EXPECT_THAT(model->NewExecutor({.kind = engine::Device::Kind::kCuda}, 1),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("CPU only")));
}

TEST(CpuModelTest, ASlotRefusesOtherShapesAndStaysUsable) {
  const auto model = CpuModelOf(GraphOf(kSmall), 4).value();
  ModelStream stream(*model);
  for (const tensor::Shape& shape :
       {tensor::Shape{5, 1, 2, 2}, tensor::Shape{0, 1, 2, 2}, tensor::Shape{1, 1, 2, 3}}) {
    EXPECT_THAT(stream.slot().Prepare({shape}),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr("input 'in0'")));
  }
  ACTIUM_EXPECT_OK(stream.Run({{{0, 1, 2, 3}}}));
}

TEST(CpuModelTest, ARowCountWithoutPlanIsAnError) {
  const auto model = CpuModelOf(GraphOf(kSmall), 12).value();
  ModelStream stream(*model);
  ACTIUM_ASSERT_OK(stream.slot().Prepare({{9, 1, 2, 2}}));
  EXPECT_THAT(engine::RunBatch(stream.executor(), stream.slot()).status(),
              StatusIs(StatusCode::kInternal, HasSubstr("9 rows")));
  ACTIUM_EXPECT_OK(stream.Run({{{0, 1, 2, 3}}, {{0, 1, 2, 3}}}));
}

TEST(CpuModelTest, DescribesWhatRuns) {
  const auto model = CpuModelOf(GraphOf(kSmall), 12).value();
  int runs = 0;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const engine::ModelDescription description,
                              model->Describe({.rows = 9, .timed_runs = 5, .run = [&](auto work) {
                                                 ++runs;
                                                 return work();
                                               }}));
  EXPECT_EQ(description.rows, 9);
  EXPECT_EQ(description.timed_runs, 5);
  EXPECT_EQ(runs, 7);
  EXPECT_TRUE(description.total.has_value());
  EXPECT_THAT(description.notes, ElementsAre("a batch of 9 rows is padded to 10"));
  EXPECT_GT(description.arena_bytes, 0);
  EXPECT_EQ(description.graph, graph::ToText(GraphOf(kSmall), graph::ConstantStyle::kShapes));
  ASSERT_THAT(description.steps, SizeIs(5));
  EXPECT_EQ(description.steps[0].kind, "cast");
  EXPECT_THAT(description.steps[0].model_inputs, ElementsAre("image"));
  const engine::Step& convolution = description.steps[1];
  EXPECT_EQ(convolution.name, "y");
  EXPECT_EQ(convolution.activation, "relu");
  EXPECT_NE(convolution.algorithm, "");
  EXPECT_THAT(convolution.inputs, ElementsAre(0));
  EXPECT_EQ(convolution.output_shape, (tensor::Shape{10, 2, 2, 2}));
  EXPECT_EQ(convolution.output_dtype, "FP32");
  EXPECT_EQ(convolution.flops, 10 * 8 * 2);
  EXPECT_EQ(convolution.bytes, 4 * (10 * 4 + 2 + 2 + 10 * 8));
  for (const engine::Step& step : description.steps) EXPECT_TRUE(step.time.has_value());
  EXPECT_EQ(description.steps[3].name, "output.out0");
  EXPECT_THAT(description.steps[3].inputs, ElementsAre(1));
}

TEST(CpuModelTest, DescribesWithoutTimes) {
  const auto model = CpuModelOf(GraphOf(kSmall), 4).value();
  ACTIUM_ASSERT_OK_AND_ASSIGN(const engine::ModelDescription description,
                              model->Describe({.timed_runs = 0, .run = nullptr}));
  EXPECT_FALSE(description.total.has_value());
  EXPECT_FALSE(description.steps[0].time.has_value());
}

}  // namespace
}  // namespace actium::test
