#ifndef ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_BF16_H_
#define ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_BF16_H_

// CUDA's bfloat16, as far as our kernels use it. Storage only: arithmetic is done in float.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier)

#include "server/cuda/host/half_bits.h"

struct __nv_bfloat16 {
  unsigned short __x;
};
using nv_bfloat16 = __nv_bfloat16;

inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return {bits}; }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.__x; }
inline float __bfloat162float(__nv_bfloat16 value) {
  return actium::cuda::host::Bf16ToFloat(value.__x);
}
inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  return {actium::cuda::host::FloatToBf16(value)};
}

// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

#endif  // ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_BF16_H_
