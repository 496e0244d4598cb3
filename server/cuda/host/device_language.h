#ifndef ACTIUM_SERVER_CUDA_HOST_DEVICE_LANGUAGE_H_
#define ACTIUM_SERVER_CUDA_HOST_DEVICE_LANGUAGE_H_

// What nvcc knows without a header, for a C++ compiler; part of <cuda_runtime.h>.
//
// Not `__noinline__`: libstdc++ has it inside attributes. Not `extern __shared__`: kernels ask
// DynamicShared() for it.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier)

#include <bit>
#include <cmath>
#include <cstdint>

#include "server/cuda/host/device.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) alignas(bytes)
/// Blocks run one at a time: one such variable serves them all. Unlike dynamic shared memory it
/// keeps what the block before left in it.
#define __shared__ static

inline const uint3& threadIdx = actium::cuda::host::running.thread;
inline const uint3& blockIdx = actium::cuda::host::running.block;
inline const dim3& blockDim = actium::cuda::host::running.block_dim;
inline const dim3& gridDim = actium::cuda::host::running.grid_dim;
constexpr int warpSize = 32;

inline void __syncthreads(actium::cuda::host::Place place = actium::cuda::host::Place::Here()) {
  actium::cuda::host::SyncThreads(place);
}
inline void __syncwarp(unsigned int mask = 0xFFFFFFFF,
                       actium::cuda::host::Place place = actium::cuda::host::Place::Here()) {
  actium::cuda::host::SyncWarp(mask, place);
}

/// value: float, int or unsigned int.
template <class T>
T __shfl_sync(unsigned int mask, T value, int lane, int width = warpSize,
              actium::cuda::host::Place place = actium::cuda::host::Place::Here()) {
  return std::bit_cast<T>(actium::cuda::host::Shuffle(actium::cuda::host::ShuffleKind::kIndex, mask,
                                                      std::bit_cast<uint32_t>(value), lane, width,
                                                      place));
}
template <class T>
T __shfl_xor_sync(unsigned int mask, T value, int lane_mask, int width = warpSize,
                  actium::cuda::host::Place place = actium::cuda::host::Place::Here()) {
  return std::bit_cast<T>(actium::cuda::host::Shuffle(actium::cuda::host::ShuffleKind::kXor, mask,
                                                      std::bit_cast<uint32_t>(value), lane_mask,
                                                      width, place));
}
template <class T>
T __shfl_down_sync(unsigned int mask, T value, unsigned int distance, int width = warpSize,
                   actium::cuda::host::Place place = actium::cuda::host::Place::Here()) {
  return std::bit_cast<T>(actium::cuda::host::Shuffle(actium::cuda::host::ShuffleKind::kDown, mask,
                                                      std::bit_cast<uint32_t>(value),
                                                      static_cast<int>(distance), width, place));
}

template <class T>
T __ldg(const T* address) {
  return *address;
}

inline unsigned int __float_as_uint(float value) { return std::bit_cast<unsigned int>(value); }
inline float __uint_as_float(unsigned int bits) { return std::bit_cast<float>(bits); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __expf(float x) { return std::exp(x); }
inline unsigned int __umulhi(unsigned int a, unsigned int b) {
  return static_cast<unsigned int>((uint64_t{a} * b) >> 32);
}
inline int __clz(int value) { return std::countl_zero(static_cast<unsigned int>(value)); }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned int min(unsigned int a, unsigned int b) { return a < b ? a : b; }
inline unsigned int max(unsigned int a, unsigned int b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline long long max(long long a, long long b) { return a > b ? a : b; }
/// As CUDA's, the one that is not NaN.
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }

// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

#endif  // ACTIUM_SERVER_CUDA_HOST_DEVICE_LANGUAGE_H_
