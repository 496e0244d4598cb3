#ifndef ACTIUM_SERVER_LIBTORCH_SLOT_H_
#define ACTIUM_SERVER_LIBTORCH_SLOT_H_

// Internal to server/libtorch.

#include <vector>

#include "ATen/core/TensorBody.h"
#include "server/engine/executor.h"
#include "server/tensor/aligned_memory.h"

namespace actium::libtorch {

/// Input memory of one batch, which LibTorch reads in place, and the tensors that came out.
class Slot final : public engine::BatchSlot {
 public:
  /// Most bytes of a slot's inputs together.
  static constexpr size_t kByteLimit = size_t{1} << 30;

  /// signature outlives the slot.
  explicit Slot(const engine::Signature& signature);

  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const engine::BatchShape& actual) override;
  std::span<const tensor::TensorView> outputs() const override { return output_views_; }

  /// The leading dimension of the prepared batch's first input.
  int64_t rows() const { return input_views_[0].shape[0]; }

  /// The prepared inputs in the signature's order, without copying.
  std::vector<at::Tensor> InputTensors() const;

  /// Keeps the results of a run, in the signature's order, each dense.
  void SetOutputs(std::vector<at::Tensor> outputs);

 private:
  const engine::Signature& signature_;
  std::vector<tensor::AlignedMemory> buffers_;
  std::vector<tensor::MutableTensorView> input_views_;
  std::vector<at::Tensor> outputs_;
  std::vector<tensor::TensorView> output_views_;
};

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_SLOT_H_
