#ifndef ACTIUM_SERVER_KERNELS_ACTIVATION_H_
#define ACTIUM_SERVER_KERNELS_ACTIVATION_H_

#include <array>
#include <cstddef>
#include <span>

#include "server/activation/table.h"
#include "server/kernels/instruction_set.h"

/// Activations of many float32 numbers, compiled from server/activation/formulas-inl.h for each
/// instruction set.
///
/// Numeric contract: tests/server/activation/contract.h, on every instruction set. The result of an
/// x depends on nothing but x, the parameters and the instruction set: not on its place, on
/// alignment or on its neighbours. Between instruction sets the last bits may differ. NaN gives
/// NaN, infinities give the limits; subnormal numbers are neither flushed on the way in nor out.
///
/// Memory: pointers need the alignment of float only; nothing outside of the given range is read or
/// written; `in` and `out` are equal or do not overlap. Everything here is thread-safe.
namespace actium::kernels {

/// One activation with its parameters on one instruction set: out[i] = f(in[i]) for i < count.
///
/// A small value, free to copy: look it up once, then call it for every block. A call costs one
/// indirect jump and allocates nothing. Blocks that stay in the first-level cache (4 to 16 KiB)
/// gain most.
class ActivationKernel {
 public:
  /// count: any; 0 does nothing, and then the pointers may be null.
  void operator()(const float* in, float* out, size_t count) const {
    function_(parameters_.data(), in, out, count);
  }

 private:
  friend ActivationKernel FindActivation(activation::Activation, std::span<const double>,
                                         InstructionSet);

  /// A loop that takes the parameters in the table's order.
  using Function = void (*)(const float* parameters, const float* in, float* out, size_t count);
  static constexpr size_t kMostParameters = 2;

  Function function_ = nullptr;
  std::array<float, kMostParameters> parameters_ = {};
};

/// Returns the kernel of an activation.
///
/// parameters: that pass activation::CheckParameters(): all of the row's, or none, which means the
/// defaults. They are rounded to float32. set: one of InstructionSets(); another one's kernel ends
/// the process at its first call.
ActivationKernel FindActivation(activation::Activation id, std::span<const double> parameters,
                                InstructionSet set = BestInstructionSet());

}  // namespace actium::kernels

#endif  // ACTIUM_SERVER_KERNELS_ACTIVATION_H_
