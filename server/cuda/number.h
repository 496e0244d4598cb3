#ifndef ACTIUM_SERVER_CUDA_NUMBER_H_
#define ACTIUM_SERVER_CUDA_NUMBER_H_

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

/// The types in which a model's numbers lie in device memory, and how kernels read and write them.
/// All arithmetic is in float.
namespace actium::cuda {

__device__ __forceinline__ float ToFloat(float x) { return x; }
__device__ __forceinline__ float ToFloat(__half x) { return __half2float(x); }
__device__ __forceinline__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }

/// Rounds to the nearest T, ties to even; beyond T's range to infinity.
template <class T>
__device__ __forceinline__ T FromFloat(float x) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return x;
  } else if constexpr (__is_same(T, __half)) {
    return __float2half_rn(x);
  } else {
    return __float2bfloat16_rn(x);
  }
}

/// Numbers in one access of 128 bits, the widest that there is.
template <class T>
inline constexpr int kPerVector = 16 / sizeof(T);

/// Neighbouring numbers in a thread's registers.
template <int kWidth>
struct Chunk {
  float values[kWidth];
};

/// Reads `count` of a chunk's numbers; the others are 0. A whole chunk of kPerVector numbers is one
/// access, if `aligned` says that it lies on 16 bytes.
template <int kWidth, class T>
__device__ __forceinline__ Chunk<kWidth> LoadChunk(const T* from, int count, bool aligned) {
  Chunk<kWidth> chunk;
  if constexpr (kWidth == kPerVector<T>) {
    if (aligned && count >= kWidth) {
      const uint4 vector = *reinterpret_cast<const uint4*>(from);
      const T* const numbers = reinterpret_cast<const T*>(&vector);
#pragma unroll
      for (int i = 0; i < kWidth; ++i) chunk.values[i] = ToFloat(numbers[i]);
      return chunk;
    }
  }
#pragma unroll
  for (int i = 0; i < kWidth; ++i) chunk.values[i] = i < count ? ToFloat(from[i]) : 0.0f;
  return chunk;
}

/// Writes `count` of a chunk's numbers; as LoadChunk().
template <int kWidth, class T>
__device__ __forceinline__ void StoreChunk(const Chunk<kWidth>& chunk, T* to, int count,
                                           bool aligned) {
  if constexpr (kWidth == kPerVector<T>) {
    if (aligned && count >= kWidth) {
      uint4 vector;
      T* const numbers = reinterpret_cast<T*>(&vector);
#pragma unroll
      for (int i = 0; i < kWidth; ++i) numbers[i] = FromFloat<T>(chunk.values[i]);
      *reinterpret_cast<uint4*>(to) = vector;
      return;
    }
  }
#pragma unroll
  for (int i = 0; i < kWidth; ++i) {
    if (i < count) to[i] = FromFloat<T>(chunk.values[i]);
  }
}

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_NUMBER_H_
