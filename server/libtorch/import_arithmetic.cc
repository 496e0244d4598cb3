#include "server/libtorch/import_arithmetic.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "server/base/status_macros.h"

namespace actium::libtorch {
namespace {

using graph::Activate;
using graph::ArithmeticKind;
using graph::Program;
using graph::ValueId;
using torch::jit::Node;

absl::Status RefuseScaled(const ImportContext& context, const Node& node) {
  if (node.inputs().size() <= 2) return absl::OkStatus();
  ACTIUM_ASSIGN_OR_RETURN(const double alpha, context.Number(node, 2));
  return alpha == 1 ? absl::OkStatus() : Refuse("its argument alpha must be 1");
}

// Puts `left kind right` of two arguments, by their places.
absl::Status PutArithmetic(ImportContext& context, const Node& node, ArithmeticKind kind,
                           size_t left_argument, size_t right_argument) {
  // Whichever is a row says which rank the other one is aligned with.
  size_t rank = 0;
  for (const size_t argument : {left_argument, right_argument}) {
    const absl::StatusOr<ValueId> row = context.Tensor(node, argument);
    if (row.ok() && context.graph().value(*row).constant == nullptr) {
      rank = std::max(rank, context.row(*row).size());
    }
  }
  ACTIUM_ASSIGN_OR_RETURN(const ValueId left, context.Operand(node, left_argument, rank));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId right, context.Operand(node, right_argument, rank));
  const Program program = {{.step = kind, .left = 0, .right = left == right ? 0 : 1}};
  std::vector<ValueId> inputs = {left};
  if (left != right) inputs.push_back(right);
  return context.Put(node, graph::Pointwise{program}, std::move(inputs));
}

// Puts a program whose register 0 is the first argument, and register 1, if there is a number, it.
absl::Status PutProgram(ImportContext& context, const Node& node, Program program,
                        std::optional<float> number = std::nullopt) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  std::vector<ValueId> inputs = {x};
  if (number) {
    ACTIUM_ASSIGN_OR_RETURN(inputs.emplace_back(), context.AddNumbers("number", {}, {*number}));
  }
  return context.Put(node, graph::Pointwise{std::move(program)}, std::move(inputs));
}

// add(left, right, alpha), sub alike
template <ArithmeticKind kKind>
absl::Status ImportSum(ImportContext& context, const Node& node) {
  ACTIUM_RETURN_IF_ERROR(RefuseScaled(context, node));
  return PutArithmetic(context, node, kKind, 0, 1);
}

// rsub(right, left, alpha): what `1 - x` becomes
absl::Status ImportReversedDifference(ImportContext& context, const Node& node) {
  ACTIUM_RETURN_IF_ERROR(RefuseScaled(context, node));
  return PutArithmetic(context, node, ArithmeticKind::kSubtract, 1, 0);
}

// mul(left, right); div(left, right) and div(left, right, rounding_mode)
template <ArithmeticKind kKind>
absl::Status ImportProduct(ImportContext& context, const Node& node) {
  if (node.inputs().size() > 2) return Refuse("it rounds");
  return PutArithmetic(context, node, kKind, 0, 1);
}

// neg(x)
absl::Status ImportNegative(ImportContext& context, const Node& node) {
  return PutProgram(context, node, {{.step = ArithmeticKind::kMultiply, .left = 0, .right = 1}},
                    -1.0F);
}

// reciprocal(x)
absl::Status ImportReciprocal(ImportContext& context, const Node& node) {
  return PutProgram(context, node, {{.step = ArithmeticKind::kDivide, .left = 1, .right = 0}},
                    1.0F);
}

// abs(x), which is a Leaky ReLU whose slope is -1
absl::Status ImportAbsolute(ImportContext& context, const Node& node) {
  const Activate absolute = {.id = activation::Activation::kLeakyRelu, .parameters = {-1}};
  return PutProgram(context, node, {{.step = absolute, .left = 0, .right = -1}});
}

absl::Status PutPower(ImportContext& context, const Node& node, int exponent) {
  Program program;
  for (int last = 0; exponent > 1; --exponent, ++last) {
    program.push_back({.step = ArithmeticKind::kMultiply, .left = last, .right = 0});
  }
  return PutProgram(context, node, std::move(program));
}

// square(x)
absl::Status ImportSquare(ImportContext& context, const Node& node) {
  return PutPower(context, node, 2);
}

// pow(x, exponent)
absl::Status ImportPower(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const double exponent, context.Number(node, 1));
  if (exponent != 2 && exponent != 3) return Refuse("only the powers 2 and 3");
  return PutPower(context, node, static_cast<int>(exponent));
}

// log_sigmoid(x) = -softplus(-x)
absl::Status ImportLogSigmoid(ImportContext& context, const Node& node) {
  const Activate softplus = {.id = activation::Activation::kSoftplus, .parameters = {1}};
  return PutProgram(context, node,
                    {{.step = ArithmeticKind::kMultiply, .left = 0, .right = 1},
                     {.step = softplus, .left = 2, .right = -1},
                     {.step = ArithmeticKind::kMultiply, .left = 3, .right = 1}},
                    -1.0F);
}

}  // namespace

Importer FindArithmetic(std::string_view name) {
  static const std::unordered_map<std::string_view, Importer> kImporters = {
      {"add", ImportSum<ArithmeticKind::kAdd>},
      {"sub", ImportSum<ArithmeticKind::kSubtract>},
      {"rsub", ImportReversedDifference},
      {"mul", ImportProduct<ArithmeticKind::kMultiply>},
      {"div", ImportProduct<ArithmeticKind::kDivide>},
      {"neg", ImportNegative},
      {"reciprocal", ImportReciprocal},
      {"abs", ImportAbsolute},
      {"square", ImportSquare},
      {"pow", ImportPower},
      {"log_sigmoid", ImportLogSigmoid},
  };
  const auto found = kImporters.find(name);
  return found == kImporters.end() ? nullptr : found->second;
}

}  // namespace actium::libtorch
