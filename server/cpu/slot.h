#ifndef ACTIUM_SERVER_CPU_SLOT_H_
#define ACTIUM_SERVER_CPU_SLOT_H_

// Internal to server/cpu.

#include <vector>

#include "server/engine/executor.h"
#include "server/tensor/aligned_memory.h"

namespace actium::cpu {

/// Inputs and outputs of one batch, row-major.
class Slot final : public engine::BatchSlot {
 public:
  /// Most bytes of a slot's inputs and outputs together.
  static constexpr size_t kByteLimit = size_t{1} << 30;

  /// signature: of a model with a batch dimension and whole shapes; outlives the slot.
  explicit Slot(const engine::Signature& signature);

  /// Errors: INVALID_ARGUMENT as well, if the shapes are not those of the signature.
  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const engine::BatchShape& actual) override;
  std::span<const tensor::TensorView> outputs() const override { return output_views_; }

  /// Of the prepared batch; 0: none is prepared.
  int64_t rows() const { return rows_; }

  std::byte* input(size_t i) const { return input_memory_[i].data(); }
  std::byte* output(size_t i) const { return output_memory_[i].data(); }

  /// Makes what output() holds the slot's outputs.
  void ShowOutputs();

 private:
  const engine::Signature& signature_;
  int64_t rows_ = 0;
  std::vector<tensor::AlignedMemory> input_memory_, output_memory_;
  std::vector<tensor::MutableTensorView> input_views_;
  std::vector<tensor::TensorView> output_views_;
};

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_SLOT_H_
