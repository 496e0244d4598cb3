#include "server/engine/planned_model.h"

#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/text.h"

namespace actium::engine {
namespace {

// Checks that tensors of the signature are those values of the graph.
absl::Status CheckTensors(std::string_view kind, std::span<const tensor::TensorSpec> specs,
                          const graph::Graph& graph, std::span<const graph::ValueId> ids) {
  if (specs.size() != ids.size()) {
    return absl::InvalidArgumentError(
        fmt::format("the model has {} {}s, its signature {}", ids.size(), kind, specs.size()));
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    const graph::Value& value = graph.value(ids[i]);
    if (specs[i].dtype == value.dtype && specs[i].shape == value.shape) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} '{}': must be {} {}, as the model has it, got {} {}", kind, specs[i].name,
                    tensor::Name(value.dtype), tensor::ToString(value.shape),
                    tensor::Name(specs[i].dtype), tensor::ToString(specs[i].shape)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSignature(const graph::Graph& graph, const Signature& signature) {
  if (signature.max_batch_size < 1) {
    return absl::UnimplementedError("only models with a batch dimension are run by a plan");
  }
  ACTIUM_RETURN_IF_ERROR(CheckTensors("input", signature.inputs, graph, graph.inputs()));
  return CheckTensors("output", signature.outputs, graph, graph.outputs());
}

std::vector<int> BatchSizesUpTo(int most, int per_doubling) {
  std::vector<int> sizes;
  for (int64_t size = 1, step = 1; size < most; size += step) {
    sizes.push_back(static_cast<int>(size));
    if (size == 2 * per_doubling * step) step *= 2;
  }
  sizes.push_back(most);
  return sizes;
}

tensor::Shape WithRows(int64_t rows, const tensor::Shape& row) {
  tensor::Shape shape = {rows};
  shape.insert(shape.end(), row.begin(), row.end());
  return shape;
}

tensor::TensorView ViewOf(const tensor::TensorSpec& spec, int64_t rows, const std::byte* rows_at) {
  tensor::Shape shape = WithRows(rows, spec.shape);
  const auto bytes = static_cast<size_t>(tensor::ByteCount(spec.dtype, shape).value_or(0));
  return {.dtype = spec.dtype, .shape = std::move(shape), .bytes = {rows_at, bytes}};
}

ModelDescription DescribePadded(const graph::Graph& graph, int rows, int planned) {
  ModelDescription description;
  description.rows = rows;
  description.graph = graph::ToText(graph, graph::ConstantStyle::kShapes);
  if (planned != rows) {
    description.notes.push_back(fmt::format("a batch of {} rows is padded to {}", rows, planned));
  }
  return description;
}

absl::Status CheckBatchShape(const Signature& signature, const BatchShape& actual) {
  ACTIUM_CHECK(actual.size() == signature.inputs.size());
  const int64_t rows = actual[0].empty() ? 0 : actual[0][0];
  for (size_t i = 0; i < actual.size(); ++i) {
    const tensor::TensorSpec& spec = signature.inputs[i];
    if (rows >= 1 && rows <= signature.max_batch_size && actual[i] == WithRows(rows, spec.shape)) {
      continue;
    }
    return absl::InvalidArgumentError(fmt::format(
        "input '{}': shape must be a batch of 1 to {} rows {}, got {}", spec.name,
        signature.max_batch_size, tensor::ToString(spec.shape), tensor::ToString(actual[i])));
  }
  return absl::OkStatus();
}

}  // namespace actium::engine
