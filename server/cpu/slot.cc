#include "server/cpu/slot.h"

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/engine/planned_model.h"

namespace actium::cpu {
Slot::Slot(const engine::Signature& signature)
    : signature_(signature),
      input_memory_(signature.inputs.size()),
      output_memory_(signature.outputs.size()),
      input_views_(signature.inputs.size()) {
  output_views_.reserve(signature.outputs.size());
}

absl::StatusOr<std::span<const tensor::MutableTensorView>> Slot::Prepare(
    const engine::BatchShape& actual) {
  output_views_.clear();
  rows_ = 0;
  ACTIUM_RETURN_IF_ERROR(engine::CheckBatchShape(signature_, actual));
  const int64_t rows = actual[0][0];
  // What all need first, so that nothing has grown if it is too much.
  size_t total = 0;
  const auto bytes_of = [&](const tensor::TensorSpec& spec) -> size_t {
    return static_cast<size_t>(
        tensor::ByteCount(spec.dtype, engine::WithRows(rows, spec.shape)).value_or(kByteLimit + 1));
  };
  for (const auto* specs : {&signature_.inputs, &signature_.outputs}) {
    for (const tensor::TensorSpec& spec : *specs) {
      const size_t bytes = bytes_of(spec);
      if (bytes > kByteLimit - total) {
        return absl::ResourceExhaustedError(
            fmt::format("tensor '{}': a batch of {} rows needs more than {} bytes of slot memory",
                        spec.name, rows, kByteLimit));
      }
      total += bytes;
    }
  }
  for (size_t i = 0; i < output_memory_.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(
        output_memory_[i].Grow(bytes_of(signature_.outputs[i]), "output memory"));
  }
  for (size_t i = 0; i < input_memory_.size(); ++i) {
    const size_t bytes = bytes_of(signature_.inputs[i]);
    ACTIUM_RETURN_IF_ERROR(input_memory_[i].Grow(bytes, "input memory"));
    input_views_[i] = {.dtype = signature_.inputs[i].dtype,
                       .shape = actual[i],
                       .bytes = {input_memory_[i].data(), bytes}};
  }
  rows_ = rows;
  return std::span<const tensor::MutableTensorView>(input_views_);
}

void Slot::ShowOutputs() {
  output_views_.clear();
  for (size_t i = 0; i < output_memory_.size(); ++i) {
    output_views_.push_back(engine::ViewOf(signature_.outputs[i], rows_, output_memory_[i].data()));
  }
}

}  // namespace actium::cpu
