#include "server/graph/graph.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/graph/infer_shape.h"

namespace actium::graph {
namespace {

constexpr size_t kMostNameBytes = 256;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

absl::Status CheckName(std::string_view name) {
  if (!name.empty() && name.size() <= kMostNameBytes &&
      std::ranges::all_of(name, IsNameCharacter)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("a name must be 1 to {} letters, digits, '_' or '.', got {}", kMostNameBytes,
                  base::Quote(name)));
}

absl::Status CheckShape(const Value& value) {
  const auto elements = tensor::ElementCount(value.shape);
  const bool positive = std::ranges::all_of(value.shape, [](int64_t size) { return size >= 1; });
  if (positive && elements.has_value() && *elements <= Graph::kMostElements) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: dimensions must be at least 1 and have at most {} elements, got {}",
                  value.name, Graph::kMostElements, tensor::ToString(value.shape)));
}

}  // namespace

absl::StatusOr<ValueId> Graph::AddValue(Value value) {
  ACTIUM_RETURN_IF_ERROR(CheckShape(value));
  if (values_.size() >= kMostValues) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: a graph has at most {} values", value.name, kMostValues));
  }
  if (!names_.insert(value.name).second) {
    return absl::InvalidArgumentError(fmt::format("{}: the name is taken", value.name));
  }
  values_.push_back(std::move(value));
  return static_cast<ValueId>(values_.size() - 1);
}

absl::StatusOr<ValueId> Graph::AddInput(std::string name, tensor::DType dtype, tensor::Shape row) {
  ACTIUM_RETURN_IF_ERROR(CheckName(name));
  if (tensor::ElementBytes(dtype) == 0) {
    return absl::InvalidArgumentError(
        fmt::format("{}: an input must have numbers, got {}", name, tensor::Name(dtype)));
  }
  ACTIUM_ASSIGN_OR_RETURN(
      const ValueId id,
      AddValue({.name = std::move(name), .dtype = dtype, .shape = std::move(row), .constant = {}}));
  inputs_.push_back(id);
  return id;
}

absl::StatusOr<ValueId> Graph::AddConstant(std::string name, tensor::Shape shape,
                                           std::shared_ptr<const Numbers> numbers) {
  ACTIUM_RETURN_IF_ERROR(CheckName(name));
  const auto elements = tensor::ElementCount(shape);
  if (numbers == nullptr || elements != std::ssize(*numbers)) {
    return absl::InvalidArgumentError(fmt::format("{}: {} numbers do not fill the shape {}", name,
                                                  numbers == nullptr ? 0 : numbers->size(),
                                                  tensor::ToString(shape)));
  }
  return AddValue({.name = std::move(name),
                   .dtype = tensor::DType::kFp32,
                   .shape = std::move(shape),
                   .constant = std::move(numbers)});
}

absl::StatusOr<ValueId> Graph::AddNode(std::string name, Op op, std::vector<ValueId> inputs,
                                       std::string source) {
  ACTIUM_RETURN_IF_ERROR(CheckName(name));
  std::vector<const Value*> given;
  for (const ValueId input : inputs) {
    if (input < 0 || input >= std::ssize(values_)) {
      return absl::InvalidArgumentError(fmt::format("{}: there is no value {}", name, input));
    }
    given.push_back(&value(input));
  }
  absl::StatusOr<tensor::Shape> shape = InferShape(op, given);
  if (!shape.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}: {}", name, Name(op), std::string(shape.status().message())));
  }
  ACTIUM_ASSIGN_OR_RETURN(const ValueId output, AddValue({.name = std::move(name),
                                                          .dtype = tensor::DType::kFp32,
                                                          .shape = *std::move(shape),
                                                          .constant = {}}));
  nodes_.push_back({.op = std::move(op),
                    .inputs = std::move(inputs),
                    .output = output,
                    .source = std::move(source)});
  return output;
}

absl::Status Graph::SetOutputs(std::vector<ValueId> outputs) {
  if (outputs.empty()) return absl::InvalidArgumentError("outputs: there are none");
  for (const ValueId output : outputs) {
    if (output < 0 || output >= std::ssize(values_)) {
      return absl::InvalidArgumentError(fmt::format("outputs: there is no value {}", output));
    }
    if (value(output).constant != nullptr) {
      return absl::InvalidArgumentError(
          fmt::format("outputs: {} is a constant", value(output).name));
    }
  }
  outputs_ = std::move(outputs);
  return absl::OkStatus();
}

std::vector<int> Graph::UseCounts() const {
  std::vector<int> counts(values_.size(), 0);
  const auto count = [&](ValueId id) { ++counts[static_cast<size_t>(id)]; };
  for (const Node& node : nodes_) std::ranges::for_each(node.inputs, count);
  std::ranges::for_each(outputs_, count);
  return counts;
}

std::vector<bool> Graph::LiveValues() const {
  std::vector<bool> live(values_.size(), false);
  const auto mark = [&](ValueId id) { live[static_cast<size_t>(id)] = true; };
  std::ranges::for_each(outputs_, mark);
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    if (live[static_cast<size_t>(node->output)]) std::ranges::for_each(node->inputs, mark);
  }
  return live;
}

std::string Graph::FreeName(std::string_view prefix) const {
  std::string name(prefix);
  for (int i = 1; names_.contains(name); ++i) name = fmt::format("{}.{}", prefix, i);
  return name;
}

std::vector<const Value*> ProgramInputs(const Graph& graph, const Node& node) {
  std::vector<const Value*> inputs;
  size_t first = 0;
  if (!std::holds_alternative<Pointwise>(node.op)) {
    inputs.push_back(nullptr);
    first = 3;  // After x, weight and bias.
  }
  for (size_t i = first; i < node.inputs.size(); ++i) {
    inputs.push_back(&graph.value(node.inputs[i]));
  }
  return inputs;
}

}  // namespace actium::graph
