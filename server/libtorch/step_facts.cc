#include "server/libtorch/step_facts.h"

#include <algorithm>

#include "ATen/core/Tensor.h"
#include "server/activation/table.h"

namespace actium::libtorch {
namespace {

using activation::Activation;
using engine::Step;
using Inputs = c10::ArrayRef<c10::IValue>;

constexpr std::string_view kAten = "aten::";

bool IsNumber(const c10::IValue& value, double number) {
  return value.isScalar() && value.toScalar().toDouble() == number;
}

// Tells rows of one name in PyTorch apart.
Activation ByArguments(Activation id, Inputs inputs) {
  const bool approximate = id == Activation::kGelu && inputs.size() > 1 && inputs[1].isString() &&
                           inputs[1].toStringRef() == "tanh";
  if (approximate) return Activation::kGeluTanh;
  const bool to_six = id == Activation::kHardtanh && inputs.size() > 2 && IsNumber(inputs[1], 0) &&
                      IsNumber(inputs[2], 6);
  return to_six ? Activation::kRelu6 : id;
}

// True for softplus(beta * x) / beta of another beta than 1, which the table does not have.
bool IsStretched(Activation id, Inputs inputs) {
  return id == Activation::kSoftplus && inputs.size() > 1 && !IsNumber(inputs[1], 1);
}

const at::Tensor* TensorAt(Inputs inputs, size_t index) {
  if (index >= inputs.size() || !inputs[index].isTensor()) return nullptr;
  const at::Tensor& tensor = inputs[index].toTensor();
  return tensor.defined() ? &tensor : nullptr;
}

// The only step that a step reads; nothing if it reads several, or an input of the model.
std::optional<size_t> OnlyInput(const Step& step) {
  if (step.inputs.size() != 1 || !step.model_inputs.empty()) return std::nullopt;
  return static_cast<size_t>(step.inputs.front());
}

// The steps that a step reads, if it is of this kind and reads two, the earlier one first.
struct TwoInputs {
  size_t first = 0;
  size_t second = 0;
};
std::optional<TwoInputs> InputsOf(const Step& step, std::string_view kind) {
  if (step.kind != kind || step.inputs.size() != 2) return std::nullopt;
  return TwoInputs{static_cast<size_t>(step.inputs[0]), static_cast<size_t>(step.inputs[1])};
}

// Returns whether steps[last] computes outer(inner(x)) of the step x, and names the inner step.
std::optional<size_t> InnerOf(const std::vector<Step>& steps, size_t last, std::string_view outer,
                              std::string_view inner, size_t x) {
  if (steps[last].kind != outer) return std::nullopt;
  const std::optional<size_t> middle = OnlyInput(steps[last]);
  // An activation's own name is gone where its arguments make it another function.
  if (!middle || steps[*middle].kind != inner || steps[*middle].activation.empty()) {
    return std::nullopt;
  }
  return OnlyInput(steps[*middle]) == x ? middle : std::nullopt;
}

void Mark(std::vector<Step>& steps, std::initializer_list<size_t> parts, Activation id) {
  for (const size_t part : parts) steps[part].activation = activation::Get(id).name;
}

}  // namespace

std::string ActivationOf(std::string_view kind, Inputs inputs) {
  if (!kind.starts_with(kAten)) return "";
  const activation::Row* row = activation::FindTorchFunction(kind.substr(kAten.size()));
  if (row == nullptr || IsStretched(row->id, inputs)) return "";
  return std::string(activation::Get(ByArguments(row->id, inputs)).name);
}

std::optional<int64_t> FlopsPerElement(std::string_view kind, Inputs inputs) {
  const at::Tensor* first = TensorAt(inputs, 0);
  const at::Tensor* second = TensorAt(inputs, 1);
  if (first == nullptr || second == nullptr || first->dim() < 1 || second->dim() < 1) return {};
  if (kind == "aten::conv1d" || kind == "aten::conv2d" || kind == "aten::conv3d") {
    const int64_t filters = std::max<int64_t>(second->size(0), 1);
    return 2 * (second->numel() / filters);
  }
  if (kind == "aten::linear" || kind == "aten::matmul" || kind == "aten::mm" ||
      kind == "aten::bmm") {
    return 2 * first->size(-1);
  }
  if (kind == "aten::addmm") return 2 * second->size(-1);
  return {};
}

void MarkSpelledOut(std::vector<Step>& steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (const auto product = InputsOf(steps[i], "aten::mul")) {
      const auto [x, gate] = *product;
      if (steps[gate].kind == "aten::sigmoid" && OnlyInput(steps[gate]) == x) {
        Mark(steps, {gate, i}, Activation::kSwish);
      } else if (const auto inner = InnerOf(steps, gate, "aten::tanh", "aten::softplus", x)) {
        Mark(steps, {*inner, gate, i}, Activation::kMish);
      }
    }
  }
}

}  // namespace actium::libtorch
