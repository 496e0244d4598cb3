#ifndef ACTIUM_SERVER_KERNELS_BINARY_H_
#define ACTIUM_SERVER_KERNELS_BINARY_H_

#include <cstddef>

#include "server/kernels/instruction_set.h"

/// Operations on two ranges of float32 numbers, number by number. As the activations, a result
/// depends on its two operands only; each is rounded once, so all instruction sets agree.
namespace actium::kernels {

enum class Binary {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPrelu,  ///< left >= 0 ? left : right * left. Source: arXiv:1502.01852, equation 1.
};

/// out[i] = left[i] op right[i] for i < count. count: any; pointers need the alignment of float
/// only. Each operand is `out` or does not overlap it. Thread-safe, allocates nothing.
using BinaryKernel = void (*)(const float* left, const float* right, float* out, size_t count);

/// Returns the kernel of an operation. set: one of InstructionSets().
BinaryKernel FindBinary(Binary op, InstructionSet set = BestInstructionSet());

}  // namespace actium::kernels

#endif  // ACTIUM_SERVER_KERNELS_BINARY_H_
