#include "models/zoo/activation_layer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/zoo/mish_function.h"
#include "server/base/quote.h"

namespace actium::zoo {
namespace {

using activation::Activation;
using torch::Tensor;

constexpr char kSharedPrelu[] = "prelu_shared";

// How torch computes an activation: in training, and as source, where {x} is the argument and
// {self} the layer.
struct TorchForm {
  Tensor (*apply)(const Tensor& x, const Tensor& slope);
  const char* script;
};

// The numbers are the table's default parameters; a test holds both against the formulas.
TorchForm FormOf(Activation id) {
  switch (id) {
    case Activation::kIdentity:
      return {[](const Tensor& x, const Tensor&) { return x; }, "{x}"};
    case Activation::kSigmoid:
      return {[](const Tensor& x, const Tensor&) { return torch::sigmoid(x); },
              "torch.sigmoid({x})"};
    case Activation::kTanh:
      return {[](const Tensor& x, const Tensor&) { return torch::tanh(x); }, "torch.tanh({x})"};
    case Activation::kRelu:
      return {[](const Tensor& x, const Tensor&) { return torch::relu(x); }, "torch.relu({x})"};
    case Activation::kLeakyRelu:
      return {[](const Tensor& x, const Tensor&) { return torch::leaky_relu(x, 0.01); },
              "torch.leaky_relu({x}, 0.01)"};
    case Activation::kPrelu:
      return {[](const Tensor& x, const Tensor& slope) { return torch::prelu(x, slope); },
              "torch.prelu({x}, {self}.slope)"};
    case Activation::kSwish:
      return {[](const Tensor& x, const Tensor&) { return torch::silu(x); }, "torch.silu({x})"};
    case Activation::kMish:
      return {[](const Tensor& x, const Tensor&) { return FusedMish(x); }, "torch.mish({x})"};
    case Activation::kGelu:
      return {[](const Tensor& x, const Tensor&) { return torch::gelu(x, "none"); },
              "torch.gelu({x}, approximate=\"none\")"};
    case Activation::kGeluTanh:
      return {[](const Tensor& x, const Tensor&) { return torch::gelu(x, "tanh"); },
              "torch.gelu({x}, approximate=\"tanh\")"};
    case Activation::kElu:
      return {[](const Tensor& x, const Tensor&) { return torch::elu(x); }, "torch.elu({x})"};
    case Activation::kSelu:
      return {[](const Tensor& x, const Tensor&) { return torch::selu(x); }, "torch.selu({x})"};
    case Activation::kCelu:
      return {[](const Tensor& x, const Tensor&) { return torch::celu(x); }, "torch.celu({x})"};
    case Activation::kHardswish:
      return {[](const Tensor& x, const Tensor&) { return torch::hardswish(x); },
              "torch.hardswish({x})"};
    case Activation::kHardsigmoid:
      return {[](const Tensor& x, const Tensor&) { return torch::hardsigmoid(x); },
              "torch.hardsigmoid({x})"};
    case Activation::kHardtanh:
      return {[](const Tensor& x, const Tensor&) { return torch::hardtanh(x); },
              "torch.hardtanh({x})"};
    case Activation::kRelu6:
      return {[](const Tensor& x, const Tensor&) { return torch::relu6(x); }, "torch.relu6({x})"};
    case Activation::kSoftplus:
      return {[](const Tensor& x, const Tensor&) { return torch::softplus(x); },
              "torch.softplus({x})"};
    case Activation::kSoftsign:
      return {[](const Tensor& x, const Tensor&) { return x / (x.abs() + 1); },
              "({x} / (torch.abs({x}) + 1))"};
  }
  TORCH_INTERNAL_ASSERT(false, "not an Activation");
}

}  // namespace

std::vector<std::string> ActivationNames() {
  std::vector<std::string> names;
  for (const activation::Row& row : activation::Table()) names.emplace_back(row.name);
  names.emplace_back(kSharedPrelu);
  return names;
}

absl::StatusOr<ActivationChoice> ParseActivation(const std::string& name) {
  if (name == kSharedPrelu) return ActivationChoice{Activation::kPrelu, /*shared_slope=*/true};
  if (const activation::Row* row = activation::Find(name)) return ActivationChoice{row->id};
  return absl::InvalidArgumentError(fmt::format("activation must be one of {}, got {}",
                                                fmt::join(ActivationNames(), ", "),
                                                base::Quote(name)));
}

ActivationLayer::ActivationLayer(const ActivationChoice& choice, int64_t channels)
    : id_(choice.id) {
  if (id_ != Activation::kPrelu) return;
  const double start = activation::Get(id_).parameters.front().default_value;
  slope_ = register_parameter("slope", torch::full({choice.shared_slope ? 1 : channels}, start));
}

Tensor ActivationLayer::forward(const Tensor& x) { return FormOf(id_).apply(x, slope_); }

std::string ActivationLayer::ScriptOf(const std::string& x, const std::string& self) const {
  return fmt::format(fmt::runtime(FormOf(id_).script), fmt::arg("x", x), fmt::arg("self", self));
}

}  // namespace actium::zoo
