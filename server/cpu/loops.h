#ifndef ACTIUM_SERVER_CPU_LOOPS_H_
#define ACTIUM_SERVER_CPU_LOOPS_H_

// Internal to server/cpu.

#include <cstddef>
#include <cstdint>

#include "server/graph/ops.h"
#include "server/tensor/dtype.h"
#include "server/tensor/shape.h"

/// Operations that are not worth more than plain loops. Images have their channels last; `rows` is
/// the batch; results do not overlap what is read.
namespace actium::cpu {

/// Turns numbers of any type but kBytes, row-major, into floats as rows are stored. A bool is 1 if
/// any of its bits is.
void Cast(tensor::DType dtype, const std::byte* from, float* to, int64_t rows,
          const tensor::Shape& row);

/// x [rows, H, W, C] -> y [rows, H', W', C]. in, out: shapes of a row, [C, H, W].
void RunPool(const graph::Pool& op, const float* x, float* y, int64_t rows, const tensor::Shape& in,
             const tensor::Shape& out);

/// x [rows, H, W, C] -> y [rows, H', W', C]. in: the shape of a row, [C, H, W].
void RunPad(const graph::Pad& op, const float* x, float* y, int64_t rows, const tensor::Shape& in);

/// The mean over `pixels` for each of `channels`: x [rows, pixels, channels] -> y [rows, channels].
void GlobalAverage(const float* x, float* y, int64_t rows, int64_t pixels, int64_t channels);

/// Along the middle dimension of x [outer, count, inner].
void Softmax(const float* x, float* y, int64_t outer, int64_t count, int64_t inner);

/// y = x * scale + shift, both by the middle dimension of x [outer, count, inner].
void ScaleAndShift(const float* x, const float* scale, const float* shift, float* y, int64_t outer,
                   int64_t count, int64_t inner);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_LOOPS_H_
