#ifndef ACTIUM_MODELS_ZOO_MISH_KERNEL_H_
#define ACTIUM_MODELS_ZOO_MISH_KERNEL_H_

#include <cstdint>

namespace actium::zoo {

/// y[i] = Mish(x[i]) for i in [0, size). y may be x. One pass over memory, one exponential an
/// element, vectorised for the processor it runs on.
void MishForward(const float* x, float* y, int64_t size);

/// dx[i] = dy[i] * Mish'(x[i]) for i in [0, size). dx may be dy or x. Cost as MishForward().
void MishBackward(const float* x, const float* dy, float* dx, int64_t size);

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_MISH_KERNEL_H_
