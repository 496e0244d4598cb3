#include "server/batching/scatter.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::batching {
namespace {

using tensor::DType;
using tensor::MemoryKind;
using tensor::TensorView;

// The bytes of rows [first, first + count) of an output; all of them where there are no rows.
std::span<const std::byte> Rows(const engine::Signature& signature, const TensorView& output,
                                int first, int count) {
  if (signature.max_batch_size == 0) return output.bytes;
  const auto row_bytes = output.bytes.size() / static_cast<size_t>(output.shape[0]);
  return output.bytes.subspan(row_bytes * static_cast<size_t>(first),
                              row_bytes * static_cast<size_t>(count));
}

// A floating-point number is NaN or infinite exactly if all bits of its exponent are set.
template <class Bits>
bool AnyWithAllSet(std::span<const std::byte> bytes, Bits exponent) {
  bool found = false;
  for (size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + i, sizeof(Bits));
    found |= (bits & exponent) == exponent;
  }
  return found;
}

bool AnyNonFinite(DType dtype, std::span<const std::byte> bytes) {
  switch (dtype) {
    case DType::kFp16:
      return AnyWithAllSet<uint16_t>(bytes, 0x7c00);
    case DType::kBf16:
      return AnyWithAllSet<uint16_t>(bytes, 0x7f80);
    case DType::kFp32:
      return AnyWithAllSet<uint32_t>(bytes, 0x7f800000);
    case DType::kFp64:
      return AnyWithAllSet<uint64_t>(bytes, 0x7ff0000000000000);
    default:
      return false;
  }
}

bool AnyNonFinite(const engine::Signature& signature, std::span<const TensorView> outputs,
                  int first, int count) {
  return std::any_of(outputs.begin(), outputs.end(), [&](const TensorView& output) {
    return AnyNonFinite(output.dtype, Rows(signature, output, first, count));
  });
}

absl::Status CheckOutput(const tensor::TensorSpec& spec, bool batched, int executed_rows,
                         const TensorView& output) {
  if (output.kind == MemoryKind::kDevice) {
    return absl::InternalError(fmt::format("output '{}' is in device memory", spec.name));
  }
  if (output.dtype != spec.dtype) {
    return absl::InternalError(fmt::format("output '{}': type must be {}, got {}", spec.name,
                                           tensor::Name(spec.dtype), tensor::Name(output.dtype)));
  }
  if (batched && (output.shape.empty() || output.shape[0] != executed_rows)) {
    return absl::InternalError(fmt::format("output '{}': dimension 0 must be {}, got shape {}",
                                           spec.name, executed_rows,
                                           tensor::ToString(output.shape)));
  }
  const std::optional<int64_t> bytes = tensor::ByteCount(output.dtype, output.shape);
  if (!bytes || static_cast<size_t>(*bytes) != output.bytes.size()) {
    return absl::InternalError(fmt::format("output '{}': {} bytes do not fit shape {}", spec.name,
                                           output.bytes.size(), tensor::ToString(output.shape)));
  }
  return absl::OkStatus();
}

absl::Status CopyOutput(std::span<const std::byte> bytes, const OutputSpec* asked,
                        OutputTensor& to) {
  if (asked == nullptr || !asked->destination || asked->classification > 0) {
    to.bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return absl::OkStatus();
  }
  if (asked->destination->size() < bytes.size()) {
    return absl::InvalidArgumentError(
        fmt::format("output '{}': its destination must have at least {} bytes, got {}", to.name,
                    bytes.size(), asked->destination->size()));
  }
  if (!bytes.empty()) std::memcpy(asked->destination->data(), bytes.data(), bytes.size());
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOutputs(const engine::Signature& signature, int executed_rows,
                          std::span<const TensorView> outputs) {
  if (outputs.size() != signature.outputs.size()) {
    return absl::InternalError(fmt::format("the model must return {} outputs, got {}",
                                           signature.outputs.size(), outputs.size()));
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(
        CheckOutput(signature.outputs[i], signature.max_batch_size > 0, executed_rows, outputs[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<InferResponse> Scatter(const engine::Signature& signature,
                                      std::span<const TensorView> outputs, int first_row,
                                      const PendingRequest& request) {
  InferResponse response;
  response.outputs.resize(request.outputs.size());
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    const auto which = static_cast<size_t>(request.outputs[i]);
    const TensorView& output = outputs[which];
    OutputTensor& to = response.outputs[i];
    to.name = signature.outputs[which].name;
    to.dtype = output.dtype;
    to.shape = output.shape;
    if (signature.max_batch_size > 0) to.shape[0] = request.rows;
    const OutputSpec* asked =
        request.request.outputs.empty() ? nullptr : &request.request.outputs[i];
    ACTIUM_RETURN_IF_ERROR(CopyOutput(Rows(signature, output, first_row, request.rows), asked, to));
  }
  return response;
}

int CountNonFiniteRows(const engine::Signature& signature, std::span<const TensorView> outputs,
                       int rows) {
  if (!AnyNonFinite(signature, outputs, 0, rows)) return 0;
  if (signature.max_batch_size == 0) return 1;
  int count = 0;
  for (int row = 0; row < rows; ++row) {
    if (AnyNonFinite(signature, outputs, row, 1)) ++count;
  }
  return count;
}

}  // namespace actium::batching
