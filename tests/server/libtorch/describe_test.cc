// What the reference engine says about what it runs: on the shipped models and on tiny ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "server/engine/run_batch.h"
#include "tests/server/libtorch/run_model.h"
#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using engine::DescribeOptions;
using engine::ModelDescription;
using engine::Step;
using tensor::DType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

DescribeOptions Options(int rows, int timed_runs) {
  return {.rows = rows, .timed_runs = timed_runs, .intra_op_threads = 1, .run = [](auto work) {
            return work();
          }};
}

std::shared_ptr<engine::LoadedModel> Shipped(const std::string& name) {
  auto model = NewLoader()->Load(
      {.model = name,
       .file = std::filesystem::path(ACTIUM_SOURCE_DIR "/models/repository") / name / "1/model.pt",
       .signature = {.max_batch_size = 64,
                     .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 28, 28}}},
                     .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}}}},
       .target = {}});
  EXPECT_THAT(model, test::IsOk());
  return *std::move(model);
}

// The steps' operators without "aten::", joined by blanks.
std::string Kinds(const ModelDescription& description) {
  std::string kinds;
  for (const Step& step : description.steps) {
    kinds += (kinds.empty() ? "" : " ") + step.kind.substr(sizeof("aten::") - 1);
  }
  return kinds;
}

const Step& Named(const ModelDescription& description, const std::string& name) {
  const auto found = std::ranges::find(description.steps, name, &Step::name);
  EXPECT_NE(found, description.steps.end()) << name;
  return *found;
}

TEST(DescribeTest, ListsWhatAShippedModelRuns) {
  const auto model = Shipped("mish");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described, model->Describe(Options(8, 0)));
  EXPECT_EQ(described.rows, 8);
  EXPECT_EQ(Kinds(described),
            "to div sub div conv2d mish conv2d mish conv2d mish conv2d mish conv2d mish conv2d "
            "mish mean linear");
  EXPECT_THAT(described.steps[0].model_inputs, ElementsAre("image"));
  for (size_t i = 1; i < described.steps.size(); ++i) {
    EXPECT_THAT(described.steps[i].inputs, ElementsAre(static_cast<int>(i) - 1));
  }
  EXPECT_THAT(engine::ActivationsOf(described.steps), ElementsAre("mish"));
  EXPECT_THAT(described.notes, ElementsAre(HasSubstr("nothing else is fused")));
}

TEST(DescribeTest, KnowsAStepsShapeOriginAndCost) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described,
                              Shipped("relu")->Describe(Options(2, 0)));
  const Step& convolution = Named(described, "block2.conv2d");
  EXPECT_EQ(convolution.output_shape, (tensor::Shape{2, 16, 14, 14}));
  EXPECT_EQ(convolution.output_dtype, "FP32");
  EXPECT_THAT(convolution.fused, ElementsAre("batch_norm"));
  EXPECT_THAT(convolution.source, HasSubstr("actium.py:"));
  EXPECT_EQ(convolution.flops, 2 * 2 * 16 * 14 * 14 * (16 * 3 * 3));
  const int64_t read = 2 * 16 * 28 * 28 + 16 * 16 * 3 * 3 + 16;
  EXPECT_EQ(convolution.bytes, 4 * (read + 2 * 16 * 14 * 14));
  EXPECT_EQ(convolution.time, std::nullopt);
  const Step& relu = Named(described, "block2.relu");
  EXPECT_EQ(relu.activation, "relu");
  EXPECT_THAT(relu.fused, IsEmpty());
  EXPECT_NE(relu.source, convolution.source);
}

TEST(DescribeTest, NamesEveryShippedActivation) {
  for (const char* name : {"relu", "mish", "swish", "prelu", "gelu", "elu", "hardswish",
                           "leaky_relu", "sigmoid", "tanh"}) {
    EXPECT_THAT(Shipped(name)->facts().activations, ElementsAre(name));
  }
  EXPECT_THAT(Shipped("identity")->facts().activations, IsEmpty());
}

TEST(DescribeTest, TimesEveryStep) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described,
                              Shipped("swish")->Describe(Options(1, 5)));
  EXPECT_EQ(described.timed_runs, 5);
  ASSERT_TRUE(described.total.has_value());
  for (const Step& step : described.steps) {
    ASSERT_TRUE(step.time.has_value()) << step.name;
    EXPECT_GT(step.time->count(), 0) << step.name;
    EXPECT_LE(*step.time, *described.total) << step.name;
  }
}

TEST(DescribeTest, RunsOnlyWhereItIsTold) {
  DescribeOptions options = Options(1, 3);
  int runs = 0;
  options.run = [&](auto work) { return ++runs == 3 ? absl::CancelledError("enough") : work(); };
  EXPECT_THAT(Shipped("relu")->Describe(options),
              test::StatusIs(absl::StatusCode::kCancelled, HasSubstr("enough")));
  EXPECT_EQ(runs, 3);
}

TEST(DescribeTest, ServingGoesOnUnchanged) {
  const auto model = Shipped("mish");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto executor, model->NewExecutor({}, 1));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto slot, executor->NewSlot());
  const auto logits = [&] {
    const auto views = slot->Prepare({{1, 1, 28, 28}});
    EXPECT_THAT(views, test::IsOk());
    std::memset((*views)[0].bytes.data(), 17, (*views)[0].bytes.size());
    EXPECT_THAT(engine::RunBatch(*executor, *slot), test::IsOk());
    return test::ValuesOf<float>(slot->outputs()[0]);
  };
  const std::vector<float> before = logits();
  std::atomic<bool> described = false;
  std::thread describing([&] {
    EXPECT_THAT(model->Describe(Options(4, 5)), test::IsOk());
    described = true;
  });
  do {
    EXPECT_EQ(logits(), before);
  } while (!described);
  describing.join();
  EXPECT_EQ(logits(), before);
}

constexpr char kHead[] = "def forward(self, x):\n  y = torch.matmul(x, self.weight)\n";

// x FP32 [N, 4] -> y FP32 [N, 4]: a matrix, then what `tail` returns of y.
absl::StatusOr<test::RunnableModel> Tiny(const std::string& tail, int64_t width = 4) {
  const test::TempRepository folder;
  const std::vector<int64_t> shape = {4, width};
  return test::MakeRunnable(
      folder, {.source = kHead + tail, .parameters = {{"weight", shape}}, .extra_files = {}},
      {.max_batch_size = 8,
       .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {4}}},
       .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {width}}}});
}

std::vector<std::string> ActivationsOf(const std::string& tail) {
  const auto model = Tiny(tail);
  EXPECT_THAT(model, test::IsOk());
  return model->model->facts().activations;
}

TEST(DescribeTest, TellsArgumentsAndSpelledOutActivationsApart) {
  EXPECT_THAT(ActivationsOf("  return torch.gelu(y, approximate='tanh')\n"),
              ElementsAre("gelu_tanh"));
  EXPECT_THAT(ActivationsOf("  return torch.hardtanh(y, 0.0, 6.0)\n"), ElementsAre("relu6"));
  EXPECT_THAT(ActivationsOf("  return torch.relu_(y)\n"), ElementsAre("relu"));
  EXPECT_THAT(ActivationsOf("  return y * torch.sigmoid(y)\n"), ElementsAre("swish"));
  EXPECT_THAT(ActivationsOf("  return y * torch.tanh(torch.softplus(y))\n"), ElementsAre("mish"));
  EXPECT_THAT(ActivationsOf("  return torch.relu(y) * torch.sigmoid(y)\n"),
              ElementsAre("relu", "sigmoid"));
}

TEST(DescribeTest, FollowsWhatBranchesAndLoopsDo) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto tiny,
                              Tiny("  for i in range(x.size(0)):\n    y = torch.relu(y)\n"
                                   "  if bool(torch.sum(x) > 1):\n    y = torch.mish(y)\n"
                                   "  return y\n"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described,
                              tiny.model->Describe(Options(3, 2)));
  EXPECT_THAT(Kinds(described), HasSubstr("matmul relu relu relu sum gt"));
  EXPECT_THAT(Kinds(described), Not(HasSubstr("mish")));
  EXPECT_EQ(described.timed_runs, 2);
}

// The weight's first element is -1 at the start, and every run adds 1.
TEST(DescribeTest, RunsThatDifferHaveNoTimesAndServingsStateStays) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto tiny,
                              Tiny("  self.weight.add_(1)\n"
                                   "  if bool(self.weight[0, 0] > 0):\n    y = torch.relu(y)\n"
                                   "  return y\n"));
  for (int i = 0; i < 2; ++i) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described,
                                tiny.model->Describe(Options(1, 2)));
    EXPECT_THAT(Kinds(described), Not(HasSubstr("relu")));
    EXPECT_EQ(described.timed_runs, 0);
    EXPECT_EQ(described.total, std::nullopt);
    EXPECT_THAT(described.notes.back(), HasSubstr("differs from run to run"));
  }
}

// Freezing inlines functions; where a step comes from is told by what the file called.
TEST(DescribeTest, StepsOfInlinedFunctionsHaveSources) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto tiny,
      test::MakeRunnable(folder,
                         {.source = "def helper(self, x):\n  return torch.relu(x)\n"
                                    "def forward(self, x):\n  return self.helper(x + 1)\n",
                          .parameters = {},
                          .extra_files = {}},
                         {.max_batch_size = 8,
                          .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {4}}},
                          .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {4}}}}));
  for (int i = 0; i < 100; ++i) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelDescription described,
                                tiny.model->Describe(Options(1, 0)));
    ASSERT_EQ(Kinds(described), "add relu");
    for (const Step& step : described.steps) ASSERT_FALSE(step.source.empty());
  }
}

TEST(WeightsDigestTest, IsOfTheWeightsAlone) {
  const auto digest = [](const std::string& tail, int64_t width = 4) {
    const auto model = Tiny(tail, width);
    EXPECT_THAT(model, test::IsOk());
    return model->model->facts().weights_digest;
  };
  const std::string relu = digest("  return torch.relu(y)\n");
  EXPECT_EQ(relu.size(), 64u);
  EXPECT_EQ(digest("  return torch.mish(y)\n"), relu);
  EXPECT_NE(digest("  return torch.relu(y)\n", 5), relu);
}

TEST(WeightsDigestTest, DiffersBetweenShippedModels) {
  std::set<std::string> digests;
  for (const char* name : {"relu", "mish", "swish"}) {
    digests.insert(Shipped(name)->facts().weights_digest);
  }
  EXPECT_EQ(digests.size(), 3u);
}

TEST(WeightsDigestTest, CountsWhatIsLearned) {
  const auto model = Shipped("relu");
  const engine::ModelFacts& facts = model->facts();
  EXPECT_EQ(facts.learned_parameters, 72666);
  EXPECT_EQ(facts.parameter_bytes, 4 * 72666);
  // Mean and variance of each channel, and a 64-bit counter of each of the six layers.
  EXPECT_EQ(facts.buffer_bytes, 4 * 2 * (16 + 16 + 32 + 32 + 64 + 64) + 8 * 6);
}

TEST(WeightsDigestTest, AModelWithoutWeightsHasNone) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto doubler,
      test::MakeRunnable(folder, test::TinyDoubler(),
                         {.max_batch_size = 8,
                          .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {4}}},
                          .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {4}}}}));
  EXPECT_EQ(doubler.model->facts().weights_digest, "");
  EXPECT_EQ(doubler.model->facts().learned_parameters, 0);
}

}  // namespace
}  // namespace actium::libtorch
