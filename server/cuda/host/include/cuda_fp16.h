#ifndef ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_FP16_H_
#define ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_FP16_H_

// CUDA's half, as far as our kernels use it. Storage only: arithmetic is done in float.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier)

#include "server/cuda/host/half_bits.h"

struct __half {
  unsigned short __x;
};
using half = __half;

inline __half __ushort_as_half(unsigned short bits) { return {bits}; }
inline unsigned short __half_as_ushort(__half value) { return value.__x; }
inline float __half2float(__half value) { return actium::cuda::host::Fp16ToFloat(value.__x); }
inline __half __float2half_rn(float value) { return {actium::cuda::host::FloatToFp16(value)}; }

// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

#endif  // ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_FP16_H_
