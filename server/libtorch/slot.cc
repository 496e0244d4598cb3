#include "server/libtorch/slot.h"

#include <utility>

#include "ATen/core/Tensor.h"
#include "ATen/ops/from_blob.h"
#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/scalar_types.h"

namespace actium::libtorch {

Slot::Slot(const engine::Signature& signature)
    : signature_(signature),
      buffers_(signature.inputs.size()),
      input_views_(signature.inputs.size()) {
  for (size_t i = 0; i < input_views_.size(); ++i)
    input_views_[i].dtype = signature.inputs[i].dtype;
}

absl::StatusOr<std::span<const tensor::MutableTensorView>> Slot::Prepare(
    const engine::BatchShape& actual) {
  ACTIUM_CHECK(actual.size() == buffers_.size());
  output_views_.clear();
  outputs_.clear();

  // What each needs first, so that nothing has changed if it is too much.
  absl::InlinedVector<size_t, 4> bytes;
  size_t total = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const auto count = tensor::ByteCount(input_views_[i].dtype, actual[i]);
    if (!count || static_cast<size_t>(*count) > kByteLimit - total) {
      return absl::ResourceExhaustedError(
          fmt::format("input '{}': a batch of shape {} needs more than {} bytes of input memory",
                      signature_.inputs[i].name, tensor::ToString(actual[i]), kByteLimit));
    }
    bytes.push_back(static_cast<size_t>(*count));
    total += bytes.back();
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(buffers_[i].Grow(bytes[i], "input memory"));
    input_views_[i].shape = actual[i];
    input_views_[i].bytes = {buffers_[i].data(), bytes[i]};
  }
  return std::span<const tensor::MutableTensorView>(input_views_);
}

std::vector<at::Tensor> Slot::InputTensors() const {
  std::vector<at::Tensor> tensors;
  tensors.reserve(input_views_.size());
  for (const tensor::MutableTensorView& view : input_views_) {
    tensors.push_back(at::from_blob(view.bytes.data(), {view.shape.data(), view.shape.size()},
                                    at::TensorOptions().dtype(*ToScalarType(view.dtype))));
  }
  return tensors;
}

void Slot::SetOutputs(std::vector<at::Tensor> outputs) {
  outputs_ = std::move(outputs);
  output_views_.clear();
  for (const at::Tensor& output : outputs_) {
    output_views_.push_back(
        {.dtype = *FromScalarType(output.scalar_type()),
         .shape = tensor::Shape(output.sizes().begin(), output.sizes().end()),
         .bytes = {static_cast<const std::byte*>(output.const_data_ptr()), output.nbytes()}});
  }
}

}  // namespace actium::libtorch
