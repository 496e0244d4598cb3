#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/import_activation.h"
#include "server/libtorch/import_arithmetic.h"
#include "server/libtorch/import_context.h"

namespace actium::libtorch {
namespace {

using graph::ValueId;
using tensor::Shape;
using torch::jit::Node;

// The result is the argument itself.
absl::Status ImportSame(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  context.SetResult(node, x);
  return absl::OkStatus();
}

// dropout(x, p, train)
absl::Status ImportDropout(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const bool train, context.Flag(node, 2));
  if (train) return Refuse("it drops at random");
  return ImportSame(context, node);
}

// to.dtype(x, dtype, non_blocking, copy, memory_format)
absl::Status ImportTo(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const int64_t type, context.Integer(node, 1));
  if (type != static_cast<int64_t>(at::kFloat)) return Refuse("to another type than FP32");
  if (context.graph().value(x).dtype == tensor::DType::kFp32) return ImportSame(context, node);
  return context.Put(node, graph::Cast{}, {x});
}

absl::StatusOr<ValueId> BiasOf(ImportContext& context, const Node& node, size_t argument,
                               int64_t channels, float without) {
  if (!context.IsNone(node, argument)) return context.Tensor(node, argument);
  return context.AddNumbers("none", {channels},
                            graph::Numbers(static_cast<size_t>(channels), without));
}

// conv2d(x, weight, bias, stride, padding, dilation, groups)
// _convolution(x, weight, bias, stride, padding, dilation, transposed, output_padding, groups, ...)
absl::Status ImportConvolution(ImportContext& context, const Node& node) {
  const bool general = std::string_view(node.kind().toQualString()) == "aten::_convolution";
  if (general) {
    ACTIUM_ASSIGN_OR_RETURN(const bool transposed, context.Flag(node, 6));
    if (transposed) return Refuse("it is transposed");
  }
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const at::Tensor weights, context.Weight(node, 1));
  if (weights.dim() != 4) return Refuse("only convolutions over height and width");
  ACTIUM_ASSIGN_OR_RETURN(const ValueId weight, context.Tensor(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId bias, BiasOf(context, node, 2, weights.size(0), 0));
  graph::Convolution op;
  ACTIUM_ASSIGN_OR_RETURN(op.stride, context.Pair(node, 3));
  ACTIUM_ASSIGN_OR_RETURN(op.padding, context.Pair(node, 4));
  ACTIUM_ASSIGN_OR_RETURN(op.dilation, context.Pair(node, 5));
  ACTIUM_ASSIGN_OR_RETURN(op.groups, context.Integer(node, general ? 8 : 6));
  return context.Put(node, std::move(op), {x, weight, bias});
}

// linear(x, weight, bias)
absl::Status ImportLinear(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const at::Tensor weights, context.Weight(node, 1));
  if (weights.dim() != 2) return Refuse("its weight must have two dimensions");
  ACTIUM_ASSIGN_OR_RETURN(const ValueId weight, context.Tensor(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId bias, BiasOf(context, node, 2, weights.size(0), 0));
  return context.Put(node, graph::Linear{}, {x, weight, bias});
}

// batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps, cudnn)
absl::Status ImportBatchNorm(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const bool training, context.Flag(node, 5));
  if (training || context.IsNone(node, 3) || context.IsNone(node, 4)) {
    return Refuse("it takes its mean and variance from the batch");
  }
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId mean, context.Tensor(node, 3));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId variance, context.Tensor(node, 4));
  const int64_t channels = context.row(mean).empty() ? 1 : context.row(mean)[0];
  ACTIUM_ASSIGN_OR_RETURN(const ValueId scale, BiasOf(context, node, 1, channels, 1));
  ACTIUM_ASSIGN_OR_RETURN(const ValueId shift, BiasOf(context, node, 2, channels, 0));
  ACTIUM_ASSIGN_OR_RETURN(const double epsilon, context.Number(node, 7));
  return context.Put(node, graph::BatchNorm{.epsilon = epsilon}, {x, mean, variance, scale, shift});
}

// The arguments that all pooling has: (x, kernel, stride, padding, ...). No stride means the
// kernel.
absl::StatusOr<graph::Pool> ReadPool(const ImportContext& context, const Node& node,
                                     graph::Pool::Kind kind) {
  graph::Pool op;
  op.kind = kind;
  ACTIUM_ASSIGN_OR_RETURN(op.kernel, context.Pair(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const auto stride, context.Integers(node, 2));
  op.stride = op.kernel;
  if (!stride.empty()) {
    ACTIUM_ASSIGN_OR_RETURN(op.stride, context.Pair(node, 2));
  }
  ACTIUM_ASSIGN_OR_RETURN(op.padding, context.Pair(node, 3));
  return op;
}

// max_pool2d(x, kernel, stride, padding, dilation, ceil_mode)
absl::Status ImportMaxPool(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(graph::Pool op, ReadPool(context, node, graph::Pool::Kind::kMax));
  ACTIUM_ASSIGN_OR_RETURN(const graph::Pair dilation, context.Pair(node, 4));
  if (dilation != graph::Pair{1, 1}) return Refuse("it is dilated");
  ACTIUM_ASSIGN_OR_RETURN(op.ceil_mode, context.Flag(node, 5));
  return context.Put(node, op, {x});
}

// avg_pool2d(x, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)
absl::Status ImportAveragePool(ImportContext& context, const Node& node) {
  if (!context.IsNone(node, 6)) return Refuse("it divides by a number of its own");
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(graph::Pool op, ReadPool(context, node, graph::Pool::Kind::kAverage));
  ACTIUM_ASSIGN_OR_RETURN(op.ceil_mode, context.Flag(node, 4));
  ACTIUM_ASSIGN_OR_RETURN(op.count_padding, context.Flag(node, 5));
  return context.Put(node, op, {x});
}

// Both forms of padding by a number: the amounts are those before and after the last dimension,
// then before and after the last but one, and so on.
absl::Status PutPad(ImportContext& context, const Node& node, double value) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(std::vector<int64_t> amounts, context.Integers(node, 1));
  if (context.row(x).size() != 3) return Refuse("its input must be an image");
  if (amounts.size() % 2 != 0) return Refuse("it pads one side only");
  while (amounts.size() > 4 && amounts.back() == 0) amounts.pop_back();
  if (amounts.size() > 4) return Refuse("it pads more than height and width");
  if (std::ranges::any_of(amounts, [](int64_t amount) { return amount < 0; })) {
    return Refuse("it cuts the image");
  }
  amounts.resize(4, 0);
  return context.Put(
      node,
      graph::Pad{
          .before = {amounts[2], amounts[0]}, .after = {amounts[3], amounts[1]}, .value = value},
      {x});
}

// pad(x, amounts, mode, value)
absl::Status ImportPad(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const std::string mode, context.Word(node, 2));
  if (mode != "constant") return Refuse(fmt::format("mode '{}'", mode));
  if (context.IsNone(node, 3)) return PutPad(context, node, 0);
  ACTIUM_ASSIGN_OR_RETURN(const double value, context.Number(node, 3));
  return PutPad(context, node, value);
}

// constant_pad_nd(x, amounts, value)
absl::Status ImportConstantPad(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const double value, context.Number(node, 2));
  return PutPad(context, node, value);
}

// Averages each channel; keep: to [C, 1, 1] instead of [C].
absl::Status PutGlobalAverage(ImportContext& context, const Node& node, ValueId x, bool keep) {
  if (context.row(x).size() != 3) return Refuse("its input must be an image");
  if (!keep) return context.Put(node, graph::GlobalAverage{}, {x});
  ACTIUM_ASSIGN_OR_RETURN(const ValueId mean, context.Add(node, graph::GlobalAverage{}, {x}));
  return context.Put(node, graph::Reshape{.shape = {context.row(x)[0], 1, 1}}, {mean});
}

// adaptive_avg_pool2d(x, output_size)
absl::Status ImportAdaptiveAveragePool(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const graph::Pair size, context.Pair(node, 1));
  if (size == graph::Pair{1, 1}) return PutGlobalAverage(context, node, x, /*keep=*/true);
  const Shape& row = context.row(x);
  if (row.size() != 3) return Refuse("its input must be an image");
  graph::Pool op;
  op.kind = graph::Pool::Kind::kAverage;
  for (size_t i = 0; i < 2; ++i) {
    if (size[i] < 1 || row[i + 1] % size[i] != 0) return Refuse("its windows differ in size");
    op.kernel[i] = op.stride[i] = row[i + 1] / size[i];
  }
  return context.Put(node, op, {x});
}

// mean.dim(x, dims, keepdim, dtype)
absl::Status ImportMean(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(std::vector<int64_t> dimensions, context.Integers(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const bool keep, context.Flag(node, 2));
  if (!context.IsNone(node, 3)) return Refuse("it changes the type");
  std::vector<int> axes;
  for (const int64_t dimension : dimensions) {
    ACTIUM_ASSIGN_OR_RETURN(axes.emplace_back(),
                            ImportContext::RowAxis(dimension, context.row(x).size()));
  }
  std::ranges::sort(axes);
  if (axes != std::vector<int>{1, 2}) return Refuse("only the mean over height and width");
  return PutGlobalAverage(context, node, x, keep);
}

absl::Status PutReshape(ImportContext& context, const Node& node, ValueId x, Shape shape) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId id,
                          context.Add(node, graph::Reshape{.shape = std::move(shape)}, {x}));
  context.SetView(node, id, x);
  return absl::OkStatus();
}

// flatten.using_ints(x, start_dim, end_dim)
absl::Status ImportFlatten(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  const Shape row = context.row(x);
  ACTIUM_ASSIGN_OR_RETURN(const int64_t first, context.Integer(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const int64_t last, context.Integer(node, 2));
  ACTIUM_ASSIGN_OR_RETURN(const int begin, ImportContext::RowAxis(first, row.size()));
  ACTIUM_ASSIGN_OR_RETURN(const int end, ImportContext::RowAxis(last, row.size()));
  Shape flat(row.begin(), row.begin() + begin);
  int64_t product = 1;
  for (int i = begin; i <= end; ++i) product *= row[static_cast<size_t>(i)];
  flat.push_back(product);
  flat.insert(flat.end(), row.begin() + end + 1, row.end());
  return PutReshape(context, node, x, std::move(flat));
}

// view(x, size), reshape(x, size)
absl::Status ImportReshape(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, context.Sizes(node, 1));
  const bool batch_first = !sizes.empty() && (sizes[0] == kBatchSize || sizes[0] == -1);
  if (!batch_first) return Refuse("its first dimension must be the batch's");
  Shape shape(sizes.begin() + 1, sizes.end());
  int64_t left = 1;
  for (const int64_t size : context.row(x)) left *= size;
  for (const int64_t size : shape) {
    if (size == -1) continue;
    if (size < 1 || left % size != 0) return Refuse("its sizes do not fit a row");
    left /= size;
  }
  const auto open = std::ranges::find(shape, -1);
  if (open != shape.end()) *open = left;
  if (sizes[0] == -1 && left != 1) return Refuse("it moves numbers between rows");
  return PutReshape(context, node, x, std::move(shape));
}

// cat(tensors, dim)
absl::Status ImportConcat(ImportContext& context, const Node& node) {
  const Node& list = *node.input(0)->node();
  if (list.kind() != c10::prim::ListConstruct) return Refuse("its list must be written out");
  std::vector<ValueId> parts;
  for (size_t i = 0; i < list.inputs().size(); ++i) {
    ACTIUM_ASSIGN_OR_RETURN(parts.emplace_back(), context.Tensor(list, i));
  }
  if (parts.empty()) return Refuse("of nothing");
  ACTIUM_ASSIGN_OR_RETURN(const int64_t dimension, context.Integer(node, 1));
  ACTIUM_ASSIGN_OR_RETURN(const int axis,
                          ImportContext::RowAxis(dimension, context.row(parts[0]).size()));
  return context.Put(node, graph::Concat{.axis = axis}, std::move(parts));
}

// softmax.int(x, dim, dtype)
absl::Status ImportSoftmax(ImportContext& context, const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId x, context.Tensor(node, 0));
  ACTIUM_ASSIGN_OR_RETURN(const int64_t dimension, context.Integer(node, 1));
  if (!context.IsNone(node, 2)) return Refuse("it changes the type");
  ACTIUM_ASSIGN_OR_RETURN(const int axis, ImportContext::RowAxis(dimension, context.row(x).size()));
  return context.Put(node, graph::Softmax{.axis = axis}, {x});
}

Importer FindImporter(std::string_view name) {
  static const std::unordered_map<std::string_view, Importer> kImporters = {
      {"contiguous", ImportSame},
      {"detach", ImportSame},
      {"dropout", ImportDropout},
      {"feature_dropout", ImportDropout},
      {"alpha_dropout", ImportDropout},
      {"to", ImportTo},
      {"conv2d", ImportConvolution},
      {"_convolution", ImportConvolution},
      {"linear", ImportLinear},
      {"batch_norm", ImportBatchNorm},
      {"max_pool2d", ImportMaxPool},
      {"avg_pool2d", ImportAveragePool},
      {"adaptive_avg_pool2d", ImportAdaptiveAveragePool},
      {"pad", ImportPad},
      {"constant_pad_nd", ImportConstantPad},
      {"mean", ImportMean},
      {"flatten", ImportFlatten},
      {"view", ImportReshape},
      {"reshape", ImportReshape},
      {"cat", ImportConcat},
      {"softmax", ImportSoftmax},
  };
  const auto found = kImporters.find(name);
  return found == kImporters.end() ? FindArithmetic(name) : found->second;
}

}  // namespace

absl::Status ImportOperation(ImportContext& context, const Node& node) {
  std::string_view name = node.kind().toQualString();
  constexpr std::string_view kNamespace = "aten::";
  if (!name.starts_with(kNamespace) || node.outputs().size() != 1 || !node.blocks().empty()) {
    return Refuse("the operation is not known");
  }
  name.remove_prefix(kNamespace.size());
  // PyTorch's convention: "relu_" is "relu" that overwrites its first argument.
  const bool overwrites = name.ends_with('_');
  if (overwrites) name.remove_suffix(1);
  std::optional<ValueId> overwritten;
  if (overwrites) {
    ACTIUM_ASSIGN_OR_RETURN(overwritten, context.Tensor(node, 0));
  }
  if (const Importer importer = FindImporter(name)) {
    ACTIUM_RETURN_IF_ERROR(importer(context, node));
  } else {
    ACTIUM_RETURN_IF_ERROR(ImportActivation(context, node, name));
  }
  return overwrites ? context.Overwrite(node, *overwritten) : absl::OkStatus();
}

}  // namespace actium::libtorch
