#include "server/libtorch/import_context.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "torch/csrc/jit/ir/constants.h"

namespace actium::libtorch {
namespace {

using graph::ValueId;
using torch::jit::Node;
using torch::jit::Value;

absl::Status Unknown(size_t argument, const char* wanted) {
  return absl::UnimplementedError(
      fmt::format("argument {} must be {} that the program fixes", argument, wanted));
}

// Unwraps what tracing makes of a size: a tensor, and an integer of it again.
const Node& SizeBehind(const Value& value) {
  const Node* node = value.node();
  while (node->kind() == c10::aten::Int || node->kind() == c10::prim::NumToTensor) {
    node = node->input(0)->node();
  }
  return *node;
}

// What `left kind right` of two integers is; nothing if it is no comparison.
std::optional<bool> Compare(c10::Symbol kind, int64_t left, int64_t right) {
  if (kind == c10::aten::eq) return left == right;
  if (kind == c10::aten::ne) return left != right;
  if (kind == c10::aten::lt) return left < right;
  if (kind == c10::aten::le) return left <= right;
  if (kind == c10::aten::gt) return left > right;
  if (kind == c10::aten::ge) return left >= right;
  return std::nullopt;
}

// Whether the value is the size of some tensor's dimension 0.
bool IsBatchSize(const Value& value) {
  const Node& node = SizeBehind(value);
  if (node.kind() != c10::aten::size || node.inputs().size() != 2) return false;
  const auto dimension = torch::jit::toIValue(node.input(1));
  return dimension && dimension->isInt() && dimension->toInt() == 0;
}

bool IsReadAfter(const Value& value, const Node& node) {
  return std::ranges::any_of(value.uses(),
                             [&](const torch::jit::Use& use) { return use.user->isAfter(&node); });
}

}  // namespace

std::string GraphName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool allowed = (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '_' || c == '.';
    name += allowed ? c : '_';
  }
  return name.empty() ? "_" : name.substr(0, 200);
}

std::string SourceOf(const Node& node) {
  const auto place = node.sourceRange().file_line_col();
  if (!place) return "";
  return fmt::format("{}:{}", std::filesystem::path(std::get<0>(*place)).filename().string(),
                     std::get<1>(*place) + 1);
}

absl::Status CannotImport(const Node& node, const std::string& why) {
  const std::string source = SourceOf(node);
  return absl::UnimplementedError(fmt::format("{}{}{}: {}", node.kind().toQualString(),
                                              source.empty() ? "" : " at ", source, why));
}

bool MakesFact(const Node& node) {
  if (node.kind() == c10::aten::size || node.kind() == c10::aten::len ||
      node.kind() == c10::aten::dim) {
    return true;
  }
  const bool two_integers =
      node.inputs().size() == 2 && std::ranges::all_of(node.inputs(), [](const Value* input) {
        return input->type()->kind() == c10::TypeKind::IntType;
      });
  return two_integers && Compare(node.kind(), 0, 0).has_value();
}

std::optional<c10::IValue> ImportContext::Known(const Node& node, size_t argument) const {
  if (argument >= node.inputs().size()) return std::nullopt;
  const Value& value = *node.input(argument);
  if (auto constant = torch::jit::toIValue(&value)) return constant;
  return Fact(SizeBehind(value));
}

std::optional<c10::IValue> ImportContext::Fact(const Node& node) const {
  if (!MakesFact(node)) return std::nullopt;
  if (node.kind() == c10::aten::len) {
    const Node& sizes = *node.input(0)->node();
    return sizes.kind() == c10::aten::size ? Rank(sizes) : std::nullopt;
  }
  if (node.kind() == c10::aten::dim) return Rank(node);
  if (node.kind() == c10::aten::size) return SizeOfRow(node);
  const auto left = Known(node, 0);
  const auto right = Known(node, 1);
  if (!left || !right || !left->isInt() || !right->isInt()) return std::nullopt;
  const auto outcome = Compare(node.kind(), left->toInt(), right->toInt());
  return outcome ? std::optional<c10::IValue>(*outcome) : std::nullopt;
}

std::optional<c10::IValue> ImportContext::Rank(const Node& node) const {
  const auto found = values_.find(node.input(0));
  if (found == values_.end()) return std::nullopt;
  return c10::IValue(static_cast<int64_t>(row(found->second).size()) + 1);
}

// size(x, dim)
std::optional<c10::IValue> ImportContext::SizeOfRow(const Node& node) const {
  const auto dimension = Known(node, 1);
  const auto found = values_.find(node.input(0));
  if (!dimension || !dimension->isInt() || found == values_.end()) return std::nullopt;
  const tensor::Shape& shape = row(found->second);
  const absl::StatusOr<int> axis = RowAxis(dimension->toInt(), shape.size());
  if (!axis.ok()) return std::nullopt;  // The batch's.
  return c10::IValue(shape[static_cast<size_t>(*axis)]);
}

absl::StatusOr<ValueId> ImportContext::Tensor(const Node& node, size_t argument) {
  if (argument >= node.inputs().size()) return Unknown(argument, "a tensor");
  const Value* const value = node.input(argument);
  if (const auto found = values_.find(value); found != values_.end()) return found->second;
  ACTIUM_ASSIGN_OR_RETURN(const at::Tensor weight, Weight(node, argument));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId id, AddNumbers(GraphName(value->debugName()), weight));
  Hold(*value, id);
  return id;
}

absl::StatusOr<ValueId> ImportContext::Operand(const Node& node, size_t argument, size_t row_rank) {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (!known) return Tensor(node, argument);
  if (known->isScalar()) {
    ACTIUM_ASSIGN_OR_RETURN(const double number, Number(node, argument));
    return AddNumbers("number", {}, {static_cast<float>(number)});
  }
  ACTIUM_ASSIGN_OR_RETURN(at::Tensor weight, Weight(node, argument));
  if (weight.dim() == static_cast<int64_t>(row_rank) + 1) {
    if (weight.size(0) != 1) return Unknown(argument, "the same for all rows, a tensor");
    weight = weight.squeeze(0);
  }
  return AddNumbers(GraphName(node.input(argument)->debugName()), weight);
}

absl::StatusOr<at::Tensor> ImportContext::Weight(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (!known || !known->isTensor() || !known->toTensor().defined()) {
    return Unknown(argument, "a tensor");
  }
  const at::Tensor& tensor = known->toTensor();
  if (tensor.layout() != c10::kStrided || !tensor.device().is_cpu() ||
      tensor.scalar_type() != at::kFloat) {
    return Unknown(argument, "a dense FP32 tensor");
  }
  return tensor;
}

absl::StatusOr<double> ImportContext::Number(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (known && known->isInt()) return static_cast<double>(known->toInt());
  if (known && known->isDouble()) return known->toDouble();
  return Unknown(argument, "a number");
}

absl::StatusOr<int64_t> ImportContext::Integer(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (known && known->isInt()) return known->toInt();
  return Unknown(argument, "an integer");
}

absl::StatusOr<bool> ImportContext::Flag(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (known && known->isBool()) return known->toBool();
  return Unknown(argument, "a bool");
}

absl::StatusOr<std::string> ImportContext::Word(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (known && known->isString()) return known->toStringRef();
  return Unknown(argument, "a string");
}

bool ImportContext::IsNone(const Node& node, size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  return known && known->isNone();
}

absl::StatusOr<std::vector<int64_t>> ImportContext::Integers(const Node& node,
                                                             size_t argument) const {
  const std::optional<c10::IValue> known = Known(node, argument);
  if (known && known->isIntList()) return known->toIntVector();
  return Unknown(argument, "a list of integers");
}

absl::StatusOr<std::vector<int64_t>> ImportContext::Sizes(const Node& node, size_t argument) const {
  if (Known(node, argument) || argument >= node.inputs().size()) return Integers(node, argument);
  const Node& list = *node.input(argument)->node();
  if (list.kind() != c10::prim::ListConstruct) return Unknown(argument, "a list of sizes");
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < list.inputs().size(); ++i) {
    if (IsBatchSize(*list.input(i))) {
      sizes.push_back(kBatchSize);
      continue;
    }
    ACTIUM_ASSIGN_OR_RETURN(sizes.emplace_back(), Integer(list, i));
  }
  return sizes;
}

absl::StatusOr<graph::Pair> ImportContext::Pair(const Node& node, size_t argument) const {
  ACTIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> list, Integers(node, argument));
  if (list.size() == 1) return graph::Pair{list[0], list[0]};
  if (list.size() == 2) return graph::Pair{list[0], list[1]};
  return Unknown(argument, "height and width");
}

absl::StatusOr<int> ImportContext::RowAxis(int64_t dimension, size_t row_rank) {
  const auto rank = static_cast<int64_t>(row_rank) + 1;
  const int64_t from_start = dimension < 0 ? dimension + rank : dimension;
  if (from_start >= 1 && from_start < rank) return static_cast<int>(from_start - 1);
  return absl::UnimplementedError(
      fmt::format("dimension {} is no dimension of a row: rows of a batch may not mix", dimension));
}

absl::StatusOr<ValueId> ImportContext::AddNumbers(std::string_view name, tensor::Shape shape,
                                                  graph::Numbers numbers) {
  return graph_.AddConstant(graph_.FreeName(name), std::move(shape),
                            std::make_shared<const graph::Numbers>(std::move(numbers)));
}

absl::StatusOr<ValueId> ImportContext::AddNumbers(std::string_view name, const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  const auto* const data = dense.const_data_ptr<float>();
  return AddNumbers(name, tensor::Shape(dense.sizes().begin(), dense.sizes().end()),
                    graph::Numbers(data, data + dense.numel()));
}

absl::StatusOr<ValueId> ImportContext::Add(const Node& node, graph::Op op,
                                           std::vector<ValueId> inputs) {
  return graph_.AddNode(graph_.FreeName(GraphName(node.output()->debugName())), std::move(op),
                        std::move(inputs), SourceOf(node));
}

absl::Status ImportContext::Put(const Node& node, graph::Op op, std::vector<ValueId> inputs) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId id, Add(node, std::move(op), std::move(inputs)));
  SetResult(node, id);
  return absl::OkStatus();
}

void ImportContext::SetResult(const Node& node, ValueId id) { Hold(*node.output(), id); }

void ImportContext::SetView(const Node& node, ValueId id, ValueId of) {
  const ValueId memory = MemoryOf(of);
  memory_[id] = memory;
  sharers_[memory].push_back(id);
  Hold(*node.output(), id);
}

void ImportContext::SetSame(const Value& value, const Value& other) {
  if (const auto found = values_.find(&other); found != values_.end()) Hold(value, found->second);
}

void ImportContext::SetArgument(const Value& argument, ValueId id) { Hold(argument, id); }

absl::Status ImportContext::Overwrite(const Node& node, ValueId old) {
  if (graph_.value(old).constant != nullptr) return absl::UnimplementedError("changes a weight");
  const ValueId memory = MemoryOf(old);
  std::vector<ValueId> sharers = sharers_[memory];
  sharers.push_back(memory);
  for (const ValueId sharer : sharers) {
    if (sharer == old) continue;
    for (const Value* holder : holders_[sharer]) {
      if (IsReadAfter(*holder, node)) {
        return absl::UnimplementedError("writes into memory that is read later in another shape");
      }
    }
  }
  const ValueId now = values_.at(node.output());
  memory_[now] = memory;
  sharers_[memory].push_back(now);
  for (const Value* holder : std::exchange(holders_[old], {})) Hold(*holder, now);
  return absl::OkStatus();
}

void ImportContext::Hold(const Value& holder, ValueId id) {
  values_[&holder] = id;
  holders_[id].push_back(&holder);
}

ValueId ImportContext::MemoryOf(ValueId id) const {
  const auto found = memory_.find(id);
  return found == memory_.end() ? id : found->second;
}

}  // namespace actium::libtorch
