#include "server/engine/describe_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "server/activation/table.h"
#include "server/graph/attributes.h"

namespace actium::engine {
namespace {

using graph::Instruction;
using graph::Node;
using graph::PlanStep;
using graph::ValueId;
using tensor::Elements;
using tensor::Product;

constexpr int kNobody = -1;

Step NewStep(std::string_view kind, std::string name) {
  Step step;
  step.kind = kind;
  step.name = std::move(name);
  return step;
}

class Describer {
 public:
  Describer(const graph::Graph& graph, int rows)
      : graph_(graph), rows_(rows), writer_(graph.values().size(), kNobody) {}

  Step Load(ValueId id) {
    Step step = NewStep("reorder", graph_.value(id).name + ".channels_last");
    AddInput(id, step);
    SetOutput(id, step);
    return step;
  }

  Step Run(const Node& node, const std::string& algorithm) {
    Step step = NewStep(graph::Name(node.op), graph_.value(node.output).name);
    step.source = node.source;
    step.algorithm = algorithm;
    for (const ValueId input : node.inputs) AddInput(input, step);
    SetOutput(node.output, step);
    AddProgram(node, step);
    step.flops = Flops(node);
    return step;
  }

  Step Store(ValueId id, const std::string& name) {
    const bool moves = !graph::IsStoredRowMajor(graph_.value(id).shape);
    Step step = NewStep(moves ? "reorder" : "copy", fmt::format("output.{}", name));
    AddInput(id, step);
    const int writer = writer_[static_cast<size_t>(id)];
    SetOutput(id, step);
    writer_[static_cast<size_t>(id)] = writer;  // A copy; other outputs may read the original.
    return step;
  }

 private:
  void AddInput(ValueId id, Step& step) {
    const graph::Value& value = graph_.value(id);
    const int writer = writer_[static_cast<size_t>(id)];
    step.bytes = step.bytes.value_or(0) + Bytes(id);
    if (writer != kNobody) {
      step.inputs.push_back(writer);
      std::ranges::sort(step.inputs);
      step.inputs.erase(std::ranges::unique(step.inputs).begin(), step.inputs.end());
    } else if (value.constant == nullptr &&
               std::ranges::find(step.model_inputs, value.name) == step.model_inputs.end()) {
      step.model_inputs.push_back(value.name);
    }
  }

  void SetOutput(ValueId id, Step& step) {
    step.output_shape = graph_.value(id).shape;
    step.output_shape.insert(step.output_shape.begin(), rows_);
    step.output_dtype = tensor::Name(graph_.value(id).dtype);
    step.bytes = step.bytes.value_or(0) + Bytes(id);
    writer_[static_cast<size_t>(id)] = steps_++;
  }

  int64_t Bytes(ValueId id) const {
    const graph::Value& value = graph_.value(id);
    const int64_t rows = value.constant == nullptr ? rows_ : 1;
    return rows * tensor::ByteCount(value.dtype, value.shape).value_or(0);
  }

  // The first activation is what people call the step by; the rest is listed in order.
  static void AddProgram(const Node& node, Step& step) {
    const graph::Program* const program = graph::ProgramOf(node.op);
    if (program == nullptr) return;
    for (const Instruction& instruction : *program) {
      if (const auto* kind = std::get_if<graph::ArithmeticKind>(&instruction.step)) {
        step.fused.emplace_back(graph::kArithmeticNames[static_cast<size_t>(*kind)]);
        continue;
      }
      const auto id = std::get<graph::Activate>(instruction.step).id;
      const std::string_view name = activation::Get(id).name;
      if (step.activation.empty()) {
        step.activation = name;
      } else {
        step.fused.emplace_back(name);
      }
    }
  }

  // Of the sums of products; other operations are counted by nobody.
  std::optional<int64_t> Flops(const Node& node) const {
    if (!std::holds_alternative<graph::Convolution>(node.op) &&
        !std::holds_alternative<graph::Linear>(node.op)) {
      return std::nullopt;
    }
    const tensor::Shape& weight = graph_.value(node.inputs[1]).shape;
    const int64_t per_result = 2 * Product(weight, 1, weight.size());
    return rows_ * Elements(graph_.value(node.output).shape) * per_result;
  }

  const graph::Graph& graph_;
  const int rows_;
  std::vector<int> writer_;  // By value: the step that wrote it.
  int steps_ = 0;
};

}  // namespace

std::vector<Step> DescribePlan(const graph::Graph& graph, int rows,
                               std::span<const graph::PlanStep> steps,
                               std::span<const std::string> algorithms,
                               std::span<const tensor::TensorSpec> outputs) {
  Describer describer(graph, rows);
  std::vector<Step> described;
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto index = static_cast<size_t>(steps[i].index);
    switch (steps[i].kind) {
      case PlanStep::Kind::kLoad:
        described.push_back(describer.Load(graph.inputs()[index]));
        break;
      case PlanStep::Kind::kRun:
        described.push_back(describer.Run(graph.nodes()[index], algorithms[i]));
        break;
      case PlanStep::Kind::kStore:
        described.push_back(describer.Store(graph.outputs()[index], outputs[index].name));
        break;
    }
  }
  return described;
}

}  // namespace actium::engine
