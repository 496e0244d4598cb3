#ifndef ACTIUM_SERVER_CPU_LAYOUT_H_
#define ACTIUM_SERVER_CPU_LAYOUT_H_

// Internal to server/cpu.

#include <cstdint>

#include "server/tensor/shape.h"

namespace actium::cpu {

/// Copies rows from the row-major order into the one in which they are stored inside
/// (graph/plan.h). from, to: do not overlap. row: of one row.
void ToStored(const float* from, float* to, int64_t rows, const tensor::Shape& row);

/// The other way round.
void FromStored(const float* from, float* to, int64_t rows, const tensor::Shape& row);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_LAYOUT_H_
