#ifndef ACTIUM_TESTS_SERVER_ENGINE_STUB_MODEL_H_
#define ACTIUM_TESTS_SERVER_ENGINE_STUB_MODEL_H_

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

/// Models that give a function of each number, for tests of what compares and chooses models.
namespace actium::test {

inline constexpr int64_t kFeatures = 3;

inline const engine::Signature kStubSignature = {
    .max_batch_size = 4,
    .inputs = {{.name = "x", .dtype = tensor::DType::kFp32, .shape = {kFeatures}}},
    .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {kFeatures}}}};

class StubSlot final : public engine::BatchSlot {
 public:
  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const engine::BatchShape& actual) override {
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

class StubExecutor final : public engine::Executor {
 public:
  explicit StubExecutor(Function function) : function_(std::move(function)) {}
  absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
    return std::make_unique<StubSlot>();
  }
  int max_in_flight() const override { return 1; }
  void Start(engine::BatchSlot& slot, engine::Done done) override {
    auto& stub = static_cast<StubSlot&>(slot);
    for (size_t i = 0; i < stub.x.size(); ++i) {
      stub.y[i] = function_(stub.x[i], stub.x.size() / kFeatures);
    }
    done(absl::OkStatus(), {});
  }

 private:
  const Function function_;
};

class StubModel final : public engine::LoadedModel {
 public:
  StubModel(std::string engine, Function function,
            absl::StatusOr<graph::Graph> graph = absl::UnimplementedError("none"))
      : engine_(std::move(engine)), function_(std::move(function)), graph_(std::move(graph)) {}

  const engine::Signature& signature() const override { return kStubSignature; }
  std::span<const int> batch_sizes() const override { return {}; }
  std::string engine() const override { return engine_; }
  std::string precision() const override { return "fp32"; }
  const engine::ModelFacts& facts() const override { return facts_; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return graph_; }
  absl::StatusOr<engine::ModelDescription> Describe(const engine::DescribeOptions&) const override {
    return engine::ModelDescription{};
  }
  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device&,
                                                                int) override {
    return std::make_unique<StubExecutor>(function_);
  }

 private:
  const std::string engine_;
  const Function function_;
  const absl::StatusOr<graph::Graph> graph_;
  const engine::ModelFacts facts_ = [] {
    engine::ModelFacts facts;
    facts.weights_digest = "d1";
    return facts;
  }();
};

class StubLoader final : public engine::ModelLoader {
 public:
  explicit StubLoader(absl::StatusOr<std::shared_ptr<engine::LoadedModel>> model)
      : model_(std::move(model)) {}
  absl::StatusOr<std::optional<std::string>> ReadMetadata(const std::filesystem::path&) override {
    return std::nullopt;
  }
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec&) override {
    return model_;
  }
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path&, std::span<const tensor::TensorSpec>) override {
    return std::vector<tensor::TensorSpec>{};
  }

 private:
  const absl::StatusOr<std::shared_ptr<engine::LoadedModel>> model_;
};

inline float Relu(float x, size_t) { return std::fmax(0.0F, x); }

inline graph::Graph ReluGraph() {
  graph::Graph graph;
  const auto x = graph.AddInput("x", tensor::DType::kFp32, {kFeatures});
  const graph::Program program = {
      {.step = graph::Activate{.id = activation::Activation::kRelu, .parameters = {}}}};
  const auto y = graph.AddNode("y", graph::Pointwise{program}, {*x});
  ACTIUM_CHECK(graph.SetOutputs({*y}).ok());
  return graph;
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_ENGINE_STUB_MODEL_H_
