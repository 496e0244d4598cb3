// TorchScript as a graph: what is imported gives what LibTorch gives, and what cannot be is named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "server/graph/evaluate.h"
#include "server/graph/passes.h"
#include "tests/server/libtorch/run_model.h"
#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::TinyParameter;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kRows = 2;

struct Case {
  std::string name;
  std::string body;  // Of forward(self, x), indented.
  tensor::Shape row = {4, 6, 5};
  std::vector<TinyParameter> parameters = {};
};

int64_t Elements(const tensor::Shape& shape) { return *tensor::ElementCount(shape); }

// A model of one input and one output, whose shape is found out by running it.
absl::StatusOr<test::RunnableModel> Load(const test::TempRepository& folder, const Case& known,
                                         DType input = DType::kFp32) {
  engine::Signature signature = {
      .max_batch_size = 4,
      .inputs = {{.name = "x", .dtype = input, .shape = known.row}},
      .outputs = {
          {.name = "y", .dtype = DType::kFp32, .shape = tensor::Shape(4, tensor::kAnySize)}}};
  const test::TinyModel model = {.source = "def forward(self, x):\n" + known.body,
                                 .parameters = known.parameters,
                                 .extra_files = {}};
  const std::filesystem::path file = folder.root() / "probe.pt";
  SaveTinyModel(file, model);
  tensor::TensorSpec batch = signature.inputs[0];
  batch.shape.insert(batch.shape.begin(), 1);
  ACTIUM_ASSIGN_OR_RETURN(const auto outputs,
                          NewLoader()->Probe(file, std::span<const tensor::TensorSpec>(&batch, 1)));
  signature.outputs[0].shape.assign(outputs[0].shape.begin() + 1, outputs[0].shape.end());
  return test::MakeRunnable(folder, model, signature);
}

std::vector<float> RandomNumbers(int64_t count) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> numbers(static_cast<size_t>(count));
  for (float& number : numbers) number = normal(random);
  return numbers;
}

// Compares the graph's result for each row with LibTorch's for the batch.
void ExpectSame(const graph::Graph& graph, const std::vector<float>& x,
                const std::vector<float>& y) {
  const size_t row = x.size() / kRows;
  for (size_t i = 0; i < kRows; ++i) {
    const std::vector<std::vector<double>> inputs = {
        {x.begin() + static_cast<long>(i * row), x.begin() + static_cast<long>((i + 1) * row)}};
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto outputs, graph::Evaluate(graph, inputs));
    ASSERT_EQ(outputs.size(), 1);
    ASSERT_EQ(outputs[0].size() * kRows, y.size());
    for (size_t k = 0; k < outputs[0].size(); ++k) {
      const double expected = y[i * outputs[0].size() + k];
      EXPECT_NEAR(outputs[0][k], expected, 1e-5 * std::max(1.0, std::abs(expected)))
          << "row " << i << ", number " << k;
    }
  }
}

class ImportTest : public ::testing::TestWithParam<Case> {};

TEST_P(ImportTest, GivesWhatLibTorchGives) {
  const Case& known = GetParam();
  test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(test::RunnableModel model, Load(folder, known));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph graph, model.model->ToGraph());
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph optimised, graph::RunPasses(graph));

  const std::vector<float> x = RandomNumbers(kRows * Elements(known.row));
  tensor::Shape shape = known.row;
  shape.insert(shape.begin(), kRows);
  ASSERT_THAT(model.Run({{.shape = shape, .bytes = test::BytesOf(x)}}), test::IsOk());
  const std::vector<float> y = test::ValuesOf<float>(model.slot->outputs()[0]);
  ExpectSame(graph, x, y);
  ExpectSame(optimised, x, y);
}

const std::vector<TinyParameter> kConvolution = {{"w", {6, 4, 3, 2}}, {"b", {6}}};

INSTANTIATE_TEST_SUITE_P(
    Operations, ImportTest,
    ::testing::Values(
        Case{"conv2d",
             "  return torch.conv2d(x, self.w, self.b, [2, 1], [1, 0], [1, 2])\n",
             {4, 6, 5},
             kConvolution},
        Case{"conv2d_no_bias", "  return torch.conv2d(x, self.w)\n", {4, 6, 5}, kConvolution},
        Case{"conv2d_grouped",
             "  return torch.conv2d(x, self.w, None, [1, 1], [1, 1], [1, 1], 2)\n",
             {4, 6, 5},
             {{"w", {6, 2, 3, 3}}}},
        Case{"linear",
             "  return torch.linear(x, self.w, self.b)\n",
             {8},
             {{"w", {3, 8}}, {"b", {3}}}},
        Case{"batch_norm",
             "  return torch.batch_norm(x, self.g, self.b, self.m, self.v * self.v + 0.5, False, "
             "0.1, 1e-3, True)\n",
             {4, 6, 5},
             {{"g", {4}}, {"b", {4}}, {"m", {4}}, {"v", {4}}}},
        Case{"batch_norm_after_conv2d",
             "  x = torch.conv2d(x, self.w, self.b)\n"
             "  return torch.relu(torch.batch_norm(x, None, None, self.b, self.b * self.b + 0.5, "
             "False, 0.1, 1e-3, True))\n",
             {4, 6, 5},
             kConvolution},
        Case{"pad_module", "  return torch.constant_pad_nd(x, [1, 2, 0, 3], -1.5)\n"},
        Case{"pad_width_of_conv2d",
             "  x = torch.pad(x, [1, 1], 'constant', 0.)\n"
             "  return torch.conv2d(x, self.w, self.b)\n",
             {4, 6, 5},
             kConvolution},
        Case{"max_pool2d", "  return torch.max_pool2d(x, [3, 2], [2, 1], [1, 1], [1, 1], True)\n"},
        Case{"max_pool2d_default_stride", "  return torch.max_pool2d(x, [2, 2])\n"},
        Case{"avg_pool2d", "  return torch.avg_pool2d(x, [3, 3], [2, 2], [1, 1], True, False)\n"},
        Case{"adaptive_avg_pool2d", "  return torch.adaptive_avg_pool2d(x, [1, 1])\n"},
        Case{"adaptive_avg_pool2d_parts", "  return torch.adaptive_avg_pool2d(x, [3, 5])\n"},
        Case{"mean", "  return x.mean([2, 3])\n"},
        Case{"mean_keepdim", "  return x.mean([-1, -2], True)\n"},
        Case{"flatten", "  return torch.flatten(x, 1)\n"},
        Case{"flatten_middle", "  return torch.flatten(x, 1, 2)\n"},
        Case{"view_minus_one", "  return x.view([-1, 120])\n"},
        Case{"view_size", "  return x.view([x.size(0), -1])\n"},
        Case{"view_sizes", "  return x.view([x.size(0), x.size(1), 30])\n"},
        Case{"cat", "  return torch.cat([x, torch.relu(x)], 1)\n"},
        Case{"cat_last", "  return torch.cat([x, x], -1)\n"},
        Case{"softmax", "  return torch.softmax(x, 1)\n"},
        Case{"arithmetic", "  return ((x / 255. - 0.286) / 0.353 + x) * x\n"},
        Case{"scalar_first", "  return 3. * x + 1\n"},
        Case{"add_constant", "  return x + self.c\n", {4, 6, 5}, {{"c", {1, 4, 1, 1}}}},
        Case{"add_in_place", "  y = torch.relu(x)\n  y.add_(x)\n  return y\n"},
        Case{"dropout", "  return torch.relu(torch.dropout(x, 0.5, False))\n"},
        Case{"branch_on_rank",
             "  if x.dim() == 4:\n    y = torch.relu(x)\n  else:\n    y = torch.sin(x)\n"
             "  return y * x\n"},
        Case{"check_of_rank",
             "  assert len(x.size()) > 2, 'no image'\n"
             "  return torch.relu(x)\n"},
        Case{"residual",
             "  y = torch.conv2d(x, self.w, None, [1, 1], [1, 1])\n  return torch.relu(y + x)\n",
             {4, 6, 5},
             {{"w", {4, 4, 3, 3}}}}),
    [](const auto& instance) { return instance.param.name; });

std::vector<Case> Activations() {
  std::vector<Case> cases;
  for (const auto& [name, expression] : std::vector<std::pair<std::string, std::string>>{
           {"relu", "torch.relu(x)"},
           {"relu_in_place", "torch.relu_(x * 1.)"},
           {"sigmoid", "torch.sigmoid(x)"},
           {"tanh", "torch.tanh(x)"},
           {"leaky_relu", "torch.leaky_relu(x, 0.2)"},
           {"prelu", "torch.prelu(x, self.s)"},
           {"prelu_shared", "torch.prelu(x, self.one)"},
           {"silu", "torch.silu(x)"},
           {"mish", "torch.mish(x)"},
           {"gelu", "torch.gelu(x)"},
           {"gelu_tanh", "torch.gelu(x, approximate='tanh')"},
           {"elu", "torch.elu(x, 0.7)"},
           {"selu", "torch.selu(x)"},
           {"celu", "torch.celu(x, 0.7)"},
           {"hardswish", "torch.hardswish(x)"},
           {"hardsigmoid", "torch.hardsigmoid(x)"},
           {"hardtanh", "torch.hardtanh(x, -0.5, 2.)"},
           {"relu6", "torch.relu6(x)"},
           {"softplus", "torch.softplus(x, 2.)"},
           {"clamp", "torch.clamp(x, -1., 2.)"},
           {"clamp_below", "torch.clamp(x, 0.)"},
           {"swish_by_hand", "x * torch.sigmoid(x)"},
           {"clamp_min", "torch.clamp_min(x, 0.)"},
           {"threshold", "torch.threshold(x, 0., 0.)"},
           {"log_sigmoid", "torch.log_sigmoid(x)"},
           {"absolute", "torch.abs(x)"},
           {"negative", "-x"},
           {"reversed_difference", "1. - x"},
           {"square", "torch.square(x)"},
           {"power_of_2", "x ** 2"},
           {"power_of_3", "torch.pow(x, 3.)"},
           {"reciprocal", "torch.reciprocal(x)"},
           {"mish_by_hand", "x * torch.tanh(torch.softplus(x))"},
           {"softsign_by_hand", "x / (1 + x.abs())"},
           {"hardswish_by_hand", "x * torch.relu6(x + 3.) / 6."},
           {"gate_by_hand", "x * (1. / (1. + torch.sigmoid(-x)))"},
           {"gelu_tanh_by_hand",
            "0.5 * x * (1. + torch.tanh(0.7978845608 * (x + 0.044715 * x ** 3)))"}}) {
    cases.push_back({.name = name,
                     .body = "  return " + expression + "\n",
                     .row = {3, 4, 5},
                     .parameters = {{"s", {3}}, {"one", {1}}}});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Activations, ImportTest, ::testing::ValuesIn(Activations()),
                         [](const auto& instance) { return instance.param.name; });

struct Refused {
  std::string name;
  std::string body;
  std::string operation;
  std::string why;
};

class RefusedTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, IsNamedWithItsLine) {
  const Refused& known = GetParam();
  test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const test::RunnableModel model,
      Load(folder, {.name = known.name, .body = known.body, .row = {4, 6, 5}, .parameters = {}}));
  EXPECT_THAT(model.model->ToGraph(),
              test::StatusIs(absl::StatusCode::kUnimplemented,
                             AllOf(HasSubstr(known.operation + " at "), HasSubstr(known.why))));
}

INSTANTIATE_TEST_SUITE_P(
    , RefusedTest,
    ::testing::Values(
        Refused{"unknown", "  return torch.sin(x)\n", "aten::sin", "not known"},
        Refused{"pad_mode", "  return torch.pad(x, [1, 1, 1, 1], 'reflect')\n", "aten::pad",
                "reflect"},
        Refused{"pad_channels", "  return torch.constant_pad_nd(x, [0, 0, 0, 0, 1, 1], 0)\n",
                "aten::constant_pad_nd", "more than height and width"},
        Refused{"pad_cuts", "  return torch.constant_pad_nd(x, [-1, 0], 0)\n",
                "aten::constant_pad_nd", "cuts"},
        Refused{"mixes_rows", "  return torch.softmax(x, 0)\n", "aten::softmax", "may not mix"},
        Refused{"moves_rows", "  return x.view([-1, 60]).view([-1, 120])\n", "aten::view",
                "moves numbers"},
        Refused{"alpha", "  return torch.add(x, x, alpha=2)\n", "aten::add", "alpha"},
        Refused{"rounding", "  return torch.div(x, 2., rounding_mode='floor')\n", "aten::div",
                "rounds"},
        Refused{"threshold", "  return torch.softplus(x, 1., 5.)\n", "aten::softplus", "threshold"},
        Refused{"power", "  return x ** 2.5\n", "aten::pow", "powers 2 and 3"},
        Refused{"clamp_without_top", "  return torch.clamp(x, 1.)\n", "aten::clamp", "upper"},
        Refused{"jump", "  return torch.threshold(x, 1., 0.)\n", "aten::threshold", "must be 0"},
        Refused{"branch_in_a_run",
                "  if x.size(0) > 1:\n    y = x + 1\n  else:\n    y = x\n  return y\n", "prim::If",
                "only in a run"},
        Refused{"branch", "  if bool(x.sum() > 0):\n    x = x + 1\n  return x\n", "aten::sum", ""},
        Refused{"view_written", "  y = x * 1.\n  z = y.view([-1, 120])\n  y.add_(1.)\n  return z\n",
                "aten::add_", "read later"},
        Refused{"scaled_mean", "  return x.mean([1])\n", "aten::mean", "height and width"}),
    [](const auto& instance) { return instance.param.name; });

TEST(ImportShippedTest, EveryModelBecomesTenSteps) {
  for (const auto& folder :
       std::filesystem::directory_iterator(ACTIUM_SOURCE_DIR "/models/repository")) {
    SCOPED_TRACE(folder.path().filename().string());
    ACTIUM_ASSERT_OK_AND_ASSIGN(
        const auto model,
        NewLoader()->Load(
            {.model = "shipped",
             .file = folder.path() / "1/model.pt",
             .signature =
                 {.max_batch_size = 64,
                  .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 28, 28}}},
                  .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}}}},
             .target = {}}));
    ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph imported, model->ToGraph());
    ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph graph, graph::RunPasses(imported));
    std::vector<std::string_view> steps;
    for (const graph::Node& node : graph.nodes()) steps.push_back(graph::Name(node.op));
    EXPECT_THAT(steps, ElementsAre("cast", "pointwise", "convolution", "convolution", "convolution",
                                   "convolution", "convolution", "convolution", "global_average",
                                   "linear"));
  }
}

TEST(ImportSignatureTest, BytesAreCast) {
  test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const test::RunnableModel model,
      Load(folder,
           {.name = "", .body = "  return x.to(6) / 255.\n", .row = {1, 2, 2}, .parameters = {}},
           DType::kUint8));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph graph, model.model->ToGraph());
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "x");
  EXPECT_EQ(graph.value(graph.inputs()[0]).dtype, DType::kUint8);
  EXPECT_EQ(graph::Name(graph.nodes()[0].op), "cast");
}

}  // namespace
}  // namespace actium::libtorch
