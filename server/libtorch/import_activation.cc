#include "server/libtorch/import_activation.h"

#include <optional>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/activation/table.h"
#include "server/base/status_macros.h"

namespace actium::libtorch {
namespace {

using activation::Activation;
using graph::Activate;
using graph::ValueId;
using torch::jit::Node;

// clamp_min(x, min)
absl::StatusOr<Activate> ClampBelow(const ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const double lower, context.Number(node, 1));
  if (lower != 0) return Refuse("it has no upper bound");
  return Activate{.id = Activation::kRelu, .parameters = {}};
}

// clamp(x, min, max)
absl::StatusOr<Activate> Clamp(const ImportContext& context, const Node& node) {
  if (context.IsNone(node, 1)) return Refuse("it has no lower bound");
  if (context.IsNone(node, 2)) return ClampBelow(context, node);
  ACTIUM_ASSIGN_OR_RETURN(const double lower, context.Number(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const double upper, context.Number(node, 2));
  return Activate{.id = Activation::kHardtanh, .parameters = {lower, upper}};
}

// gelu(x, approximate)
absl::StatusOr<Activate> Gelu(const ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const std::string approximate, context.Word(node, 1));
  if (approximate == "none") return Activate{.id = Activation::kGelu, .parameters = {}};
  if (approximate == "tanh") return Activate{.id = Activation::kGeluTanh, .parameters = {}};
  return Refuse(fmt::format("approximate='{}'", approximate));
}

// elu(x, alpha, scale, input_scale)
absl::StatusOr<Activate> Elu(const ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const double alpha, context.Number(node, 1));
  for (const size_t scale : {2, 3}) {
    ACTIUM_ASSIGN_OR_RETURN(const double number, context.Number(node, scale));
    if (number != 1) return Refuse("it is scaled");
  }
  return Activate{.id = Activation::kElu, .parameters = {alpha}};
}

// softplus(x, beta, threshold)
absl::StatusOr<Activate> Softplus(const ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const double beta, context.Number(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const double threshold, context.Number(node, 2));
  // Beyond beta x = threshold PyTorch gives x. From 17 on that is the exact value's nearest float.
  if (threshold < 17) return Refuse("its threshold changes the function");
  return Activate{.id = Activation::kSoftplus, .parameters = {beta}};
}

// threshold(x, threshold, value)
absl::StatusOr<Activate> Threshold(const ImportContext& context, const Node& node) {
  for (const size_t argument : {1, 2}) {
    ACTIUM_ASSIGN_OR_RETURN(const double number, context.Number(node, argument));
    if (number != 0) return Refuse("its threshold and value must be 0");
  }
  return Activate{.id = Activation::kRelu, .parameters = {}};
}

// Of functions whose arguments behind x are the table's parameters in its order.
absl::StatusOr<Activate> FromTable(const ImportContext& context, const Node& node,
                                   std::string_view name) {
  const activation::Row* const row = activation::FindTorchFunction(name);
  if (row == nullptr) return Refuse("the operation is not known");
  Activate activate = {.id = row->id, .parameters = {}};
  const size_t given = node.inputs().size() - 1;
  if (given > row->parameters.size()) return Refuse("it has arguments that are not known");
  for (size_t i = 0; i < row->parameters.size(); ++i) {
    activate.parameters.push_back(row->parameters[i].default_value);
    if (i >= given) continue;
    ACTIUM_ASSIGN_OR_RETURN(activate.parameters.back(), context.Number(node, i + 1));
  }
  return activate;
}

absl::StatusOr<Activate> Recognise(const ImportContext& context, const Node& node,
                                   std::string_view name) {
  if (name == "clamp") return Clamp(context, node);
  if (name == "clamp_min") return ClampBelow(context, node);
  if (name == "gelu") return Gelu(context, node);
  if (name == "elu") return Elu(context, node);
  if (name == "softplus") return Softplus(context, node);
  if (name == "threshold") return Threshold(context, node);
  return FromTable(context, node, name);
}

}  // namespace

absl::Status ImportActivation(ImportContext& context, const Node& node, std::string_view name) {
  if (node.inputs().size() == 0) return Refuse("the operation is not known");
  Activate activate = {.id = Activation::kPrelu, .parameters = {}};
  const bool prelu = name == "prelu";
  if (!prelu) {
    ACTIUM_ASSIGN_OR_RETURN(activate, Recognise(context, node, name));
  }
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < (prelu ? 2U : 1U); ++i) {
    ACTIUM_ASSIGN_OR_RETURN(inputs.emplace_back(), context.Tensor(node, i));
  }
  graph::Program program = {{.step = std::move(activate), .left = 0, .right = prelu ? 1 : -1}};
  return context.Put(node, graph::Pointwise{std::move(program)}, std::move(inputs));
}

}  // namespace actium::libtorch
