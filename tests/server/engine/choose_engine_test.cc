// Which engine a model gets, and what the check before it lets pass.
#include "server/engine/choose_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "server/engine/agreement.h"
#include "tests/support/status_matchers.h"

namespace actium::engine {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kFeatures = 3;

const Signature kSignature = {
    .max_batch_size = 4,
    .inputs = {{.name = "x", .dtype = tensor::DType::kFp32, .shape = {kFeatures}}},
    .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {kFeatures}}}};

class StubSlot final : public BatchSlot {
 public:
  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const BatchShape& actual) override {
    x.resize(static_cast<size_t>(actual[0][0] * kFeatures));
    y.resize(x.size());
    input_ = {.shape = actual[0], .bytes = std::as_writable_bytes(std::span(x))};
    output_ = {.shape = actual[0], .bytes = std::as_bytes(std::span(y))};
    return std::span<const tensor::MutableTensorView>(&input_, 1);
  }
  std::span<const tensor::TensorView> outputs() const override { return {&output_, 1}; }

  std::vector<float> x, y;

 private:
  tensor::MutableTensorView input_;
  tensor::TensorView output_;
};

// Gives f(x, rows of the batch) for each number.
using Function = std::function<float(float x, size_t rows)>;

class StubExecutor final : public Executor {
 public:
  explicit StubExecutor(Function function) : function_(std::move(function)) {}
  absl::StatusOr<std::unique_ptr<BatchSlot>> NewSlot() override {
    return std::make_unique<StubSlot>();
  }
  int max_in_flight() const override { return 1; }
  void Start(BatchSlot& slot, Done done) override {
    auto& stub = static_cast<StubSlot&>(slot);
    for (size_t i = 0; i < stub.x.size(); ++i) {
      stub.y[i] = function_(stub.x[i], stub.x.size() / kFeatures);
    }
    done(absl::OkStatus(), {});
  }

 private:
  const Function function_;
};

class StubModel final : public LoadedModel {
 public:
  StubModel(std::string engine, Function function, absl::StatusOr<graph::Graph> graph)
      : engine_(std::move(engine)), function_(std::move(function)), graph_(std::move(graph)) {}

  const Signature& signature() const override { return kSignature; }
  std::span<const int> batch_sizes() const override { return {}; }
  std::string engine() const override { return engine_; }
  std::string precision() const override { return "fp32"; }
  const ModelFacts& facts() const override { return facts_; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return graph_; }
  absl::StatusOr<ModelDescription> Describe(const DescribeOptions&) const override {
    return ModelDescription{};
  }
  absl::StatusOr<std::unique_ptr<Executor>> NewExecutor(const Device&, int) override {
    return std::make_unique<StubExecutor>(function_);
  }

 private:
  const std::string engine_;
  const Function function_;
  const absl::StatusOr<graph::Graph> graph_;
  const ModelFacts facts_ = [] {
    ModelFacts facts;
    facts.weights_digest = "d1";
    return facts;
  }();
};

class StubLoader final : public ModelLoader {
 public:
  explicit StubLoader(absl::StatusOr<std::shared_ptr<LoadedModel>> model)
      : model_(std::move(model)) {}
  absl::StatusOr<std::optional<std::string>> ReadMetadata(const std::filesystem::path&) override {
    return std::nullopt;
  }
  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(const LoadSpec&) override { return model_; }
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path&, std::span<const tensor::TensorSpec>) override {
    return std::vector<tensor::TensorSpec>{};
  }

 private:
  const absl::StatusOr<std::shared_ptr<LoadedModel>> model_;
};

float Relu(float x, size_t) { return std::fmax(0.0F, x); }

graph::Graph ReluGraph() {
  graph::Graph graph;
  const auto x = graph.AddInput("x", tensor::DType::kFp32, {kFeatures});
  const graph::Program program = {
      {.step = graph::Activate{.id = activation::Activation::kRelu, .parameters = {}}}};
  const auto y = graph.AddNode("y", graph::Pointwise{program}, {*x});
  EXPECT_THAT(graph.SetOutputs({*y}), test::IsOk());
  return graph;
}

std::shared_ptr<LoadedModel> Reference(absl::StatusOr<graph::Graph> graph = ReluGraph()) {
  return std::make_shared<StubModel>("reference", Relu, std::move(graph));
}

absl::StatusOr<std::shared_ptr<LoadedModel>> Choose(std::shared_ptr<LoadedModel> reference,
                                                    const Function& fused) {
  const auto loader = ChooseEngine(
      std::make_unique<StubLoader>(std::move(reference)),
      {.fuse = [&](const graph::Graph& graph, const Signature&, const ModelFacts& facts) {
        EXPECT_EQ(graph.nodes().size(), 1);
        EXPECT_EQ(facts.weights_digest, "d1");
        EXPECT_EQ(facts.imported_graph,
                  "input x: fp32[3]\ny = pointwise(x) { 1 = relu(0) }\noutput y\n");
        return std::make_shared<StubModel>("fused", fused, absl::UnimplementedError("none"));
      }});
  return loader->Load({});
}

TEST(ChooseEngineTest, AModelThatAgreesIsFused) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), Relu));
  EXPECT_EQ(model->engine(), "fused");
  EXPECT_THAT(model->facts().not_fused, IsEmpty());
}

TEST(ChooseEngineTest, AModelThatIsNoGraphFallsBackByName) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto model,
      Choose(Reference(absl::UnimplementedError("aten::sin at model.py:3: not known")), Relu));
  EXPECT_EQ(model->engine(), "reference");
  EXPECT_EQ(model->facts().not_fused, "aten::sin at model.py:3: not known");
  EXPECT_EQ(model->facts().weights_digest, "d1");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto description, model->Describe({}));
  EXPECT_THAT(description.notes, ElementsAre("not fused: aten::sin at model.py:3: not known"));
}

TEST(ChooseEngineTest, AModelThatDiffersIsNotFused) {
  const std::vector<std::pair<const char*, Function>> wrong = {
      {"another activation", [](float x, size_t) { return x > 0 ? x : 0.01F * x; }},
      {"the largest batch",
       [](float x, size_t rows) { return Relu(x, rows) + (rows == 4 ? 1 : 0); }},
      {"zeros", [](float x, size_t rows) { return x == 0 ? 1e-3F : Relu(x, rows); }},
      {"extreme values", [](float x, size_t rows) { return std::fmin(Relu(x, rows), 100.0F); }},
      {"not finite", [](float, size_t) { return std::numeric_limits<float>::quiet_NaN(); }}};
  for (const auto& [name, fused] : wrong) {
    SCOPED_TRACE(name);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), fused));
    EXPECT_EQ(model->engine(), "reference");
    EXPECT_THAT(model->facts().not_fused, HasSubstr("but by the reference"));
  }
}

TEST(ChooseEngineTest, RoundingIsNoDifference) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), [](float x, size_t rows) {
                                return Relu(x, rows) * (1 + 1e-6F);
                              }));
  EXPECT_EQ(model->engine(), "fused");
}

TEST(ChooseEngineTest, WhatTheReferenceCannotLoadIsNotLoaded) {
  const auto loader =
      ChooseEngine(std::make_unique<StubLoader>(absl::InvalidArgumentError("damaged")),
                   {.fuse = [](const graph::Graph&, const Signature&, const ModelFacts&) {
                     return Reference();
                   }});
  EXPECT_THAT(loader->Load({}), StatusIs(absl::StatusCode::kInvalidArgument, "damaged"));
}

TEST(AgreementTest, NamesWhereTheyDiffer) {
  StubModel wrong(
      "fused", [](float x, size_t) { return x; }, absl::UnimplementedError("none"));
  EXPECT_THAT(CheckAgreement(*Reference(), wrong),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("usual inputs, batch of 1: output 'y', row 0: number ")));
}

}  // namespace
}  // namespace actium::engine
