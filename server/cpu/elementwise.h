#ifndef ACTIUM_SERVER_CPU_ELEMENTWISE_H_
#define ACTIUM_SERVER_CPU_ELEMENTWISE_H_

// Internal to server/cpu.

#include <cstddef>

#include "server/graph/ops.h"

namespace actium::cpu {

/// out[i] = left[i] op right[i] for i < count. An operand may be `out`; other overlaps are broken.
using BinaryLoop = void (*)(const float* left, const float* right, float* out, size_t count);

/// Returns the loop of an operation for this processor.
BinaryLoop FindArithmetic(graph::ArithmeticKind kind);

/// PReLU with a slope for each number: left[i] < 0 ? right[i] * left[i] : left[i].
BinaryLoop FindPreluLoop();

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_ELEMENTWISE_H_
