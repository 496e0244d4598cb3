#include "tests/support/model_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/engine/run_batch.h"

namespace actium::test {
namespace {

using tensor::DType;

template <class T>
void Put(T number, std::byte* to) {
  std::memcpy(to, &number, sizeof(number));
}

double GetNumber(DType dtype, const std::byte* from) {
  if (dtype == DType::kFp32) {
    float number;
    std::memcpy(&number, from, sizeof(number));
    return static_cast<double>(number);
  }
  ACTIUM_CHECK(dtype == DType::kUint8);
  return static_cast<double>(*from);
}

}  // namespace

void PutNumber(DType dtype, double number, std::byte* to) {
  switch (dtype) {
    case DType::kBool:
      return Put(static_cast<uint8_t>(number != 0), to);
    case DType::kUint8:
      return Put(static_cast<uint8_t>(number), to);
    case DType::kUint16:
      return Put(static_cast<uint16_t>(number), to);
    case DType::kUint32:
      return Put(static_cast<uint32_t>(number), to);
    case DType::kUint64:
      return Put(static_cast<uint64_t>(number), to);
    case DType::kInt8:
      return Put(static_cast<int8_t>(number), to);
    case DType::kInt16:
      return Put(static_cast<int16_t>(number), to);
    case DType::kInt32:
      return Put(static_cast<int32_t>(number), to);
    case DType::kInt64:
      return Put(static_cast<int64_t>(number), to);
    case DType::kFp16:
      return Put(static_cast<_Float16>(number), to);
    case DType::kBf16:
      return Put(static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(number)) >> 16),
                 to);
    case DType::kFp32:
      return Put(static_cast<float>(number), to);
    case DType::kFp64:
      return Put(number, to);
    case DType::kBytes:
      break;
  }
  std::abort();
}

engine::Signature SignatureOf(const graph::Graph& graph, int max_batch_size) {
  const auto specs = [&](std::span<const graph::ValueId> ids, std::string_view prefix) {
    std::vector<tensor::TensorSpec> result;
    for (const graph::ValueId id : ids) {
      result.push_back({.name = fmt::format("{}{}", prefix, result.size()),
                        .dtype = graph.value(id).dtype,
                        .shape = graph.value(id).shape});
    }
    return result;
  };
  return {.max_batch_size = max_batch_size,
          .inputs = specs(graph.inputs(), "in"),
          .outputs = specs(graph.outputs(), "out")};
}

ModelStream::ModelStream(engine::LoadedModel& model, int threads)
    : model_(model),
      executor_(model.NewExecutor(model.device(), threads).value()),
      slot_(executor_->NewSlot().value()) {}

absl::StatusOr<std::vector<Row>> ModelStream::Run(const std::vector<Row>& rows) {
  return RunOn(model_, *executor_, *slot_, rows);
}

absl::StatusOr<std::vector<Row>> ModelStream::RunOn(engine::LoadedModel& model,
                                                    engine::Executor& executor,
                                                    engine::BatchSlot& slot,
                                                    const std::vector<Row>& rows) {
  const int padded = engine::PlannedRows(model.batch_sizes(), static_cast<int>(rows.size()));
  const engine::BatchShape shapes = engine::BatchShapeOf(model.signature(), padded);
  ACTIUM_ASSIGN_OR_RETURN(const auto views, slot.Prepare(shapes));
  for (size_t i = 0; i < views.size(); ++i) {
    const DType dtype = views[i].dtype;
    const double padding =
        tensor::IsFloatingPoint(dtype) ? std::numeric_limits<double>::quiet_NaN() : 0.0;
    std::byte* to = views[i].bytes.data();
    const std::byte* const end = to + views[i].bytes.size();
    for (const Row& row : rows) {
      for (const double number : row[i]) {
        PutNumber(dtype, number, to);
        to += tensor::ElementBytes(dtype);
      }
    }
    for (; to != end; to += tensor::ElementBytes(dtype)) PutNumber(dtype, padding, to);
  }
  ACTIUM_RETURN_IF_ERROR(engine::RunBatch(executor, slot).status());

  std::vector<Row> results(rows.size());
  for (const tensor::TensorView& view : slot.outputs()) {
    ACTIUM_CHECK(view.shape[0] == padded);
    const size_t bytes = tensor::ElementBytes(view.dtype);
    const size_t count = view.bytes.size() / bytes / static_cast<size_t>(padded);
    const std::byte* from = view.bytes.data();
    for (Row& row : results) {
      std::vector<double>& numbers = row.emplace_back();
      for (size_t i = 0; i < count; ++i, from += bytes) {
        numbers.push_back(GetNumber(view.dtype, from));
      }
    }
  }
  return results;
}

std::string Difference(const Row& got, const Row& right, const engine::Tolerance& tolerance) {
  if (got.size() != right.size()) return "the number of outputs";
  for (size_t i = 0; i < right.size(); ++i) {
    if (got[i].size() != right[i].size()) return fmt::format("the size of output {}", i);
    double largest = 0;
    for (const double number : right[i]) largest = std::max(largest, std::abs(number));
    const double allowed = std::max(tolerance.absolute, tolerance.relative * largest);
    for (size_t j = 0; j < right[i].size(); ++j) {
      if (std::abs(got[i][j] - right[i][j]) <= allowed) continue;
      return fmt::format("output {}, number {}: {} instead of {}, allowed is {}", i, j, got[i][j],
                         right[i][j], allowed);
    }
  }
  return "";
}

}  // namespace actium::test
