#include "server/batching/gather.h"

#include <cstring>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::batching {
namespace {

// Copies the pieces to the start of `to`; they must be exactly `expected` bytes.
absl::Status CopyPieces(const InputView& input, size_t expected, std::span<std::byte> to) {
  size_t total = 0;
  for (const Piece& piece : input.pieces) {
    if (piece.kind == tensor::MemoryKind::kDevice) {
      return absl::UnimplementedError(
          fmt::format("input '{}': device memory is not supported", input.name));
    }
    total += piece.bytes.size();
  }
  // Cannot happen to a checked request; but a mistake here would write into the neighbour's rows.
  if (total != expected || expected > to.size()) {
    return absl::InternalError(
        fmt::format("input '{}': must have {} bytes, got {}", input.name, expected, total));
  }
  std::byte* next = to.data();
  for (const Piece& piece : input.pieces) {
    if (piece.bytes.empty()) continue;
    std::memcpy(next, piece.bytes.data(), piece.bytes.size());
    next += piece.bytes.size();
  }
  return absl::OkStatus();
}

absl::Status GatherInput(size_t index, bool batched,
                         std::span<const std::unique_ptr<PendingRequest>> requests,
                         int executed_rows, const tensor::MutableTensorView& slot) {
  if (slot.kind == tensor::MemoryKind::kDevice) {
    return absl::UnimplementedError("the slot's inputs are in device memory");
  }
  const size_t row_bytes =
      batched ? slot.bytes.size() / static_cast<size_t>(executed_rows) : slot.bytes.size();
  std::span<std::byte> rest = slot.bytes;
  for (const auto& pending : requests) {
    const size_t bytes = batched ? row_bytes * static_cast<size_t>(pending->rows) : row_bytes;
    const auto which = static_cast<size_t>(pending->inputs[index]);
    ACTIUM_RETURN_IF_ERROR(CopyPieces(pending->request.inputs[which], bytes, rest));
    rest = rest.subspan(bytes);
  }
  if (!rest.empty()) std::memset(rest.data(), 0, rest.size());
  return absl::OkStatus();
}

}  // namespace

void SetBatchShape(const engine::Signature& signature, const PendingRequest& first,
                   int executed_rows, engine::BatchShape& shape) {
  shape.resize(signature.inputs.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    shape[i] = first.request.inputs[static_cast<size_t>(first.inputs[i])].shape;
    if (signature.max_batch_size > 0) shape[i][0] = executed_rows;
  }
}

absl::Status Gather(const engine::Signature& signature,
                    std::span<const std::unique_ptr<PendingRequest>> requests, int executed_rows,
                    std::span<const tensor::MutableTensorView> slot_inputs) {
  if (slot_inputs.size() != signature.inputs.size()) {
    return absl::InternalError(fmt::format("the slot must have {} inputs, got {}",
                                           signature.inputs.size(), slot_inputs.size()));
  }
  for (size_t i = 0; i < slot_inputs.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(
        GatherInput(i, signature.max_batch_size > 0, requests, executed_rows, slot_inputs[i]));
  }
  return absl::OkStatus();
}

}  // namespace actium::batching
