#ifndef ACTIUM_SERVER_CUDA_HOST_VECTOR_TYPES_H_
#define ACTIUM_SERVER_CUDA_HOST_VECTOR_TYPES_H_

// CUDA's short vectors, with CUDA's names, sizes and alignments; part of <cuda_runtime.h>.
// NOLINTBEGIN(readability-identifier-naming)

struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned int x, y;
};
struct uint3 {
  unsigned int x, y, z;
};
struct alignas(16) uint4 {
  unsigned int x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

/// Sizes of a grid or a block; what is not given is 1.
struct dim3 {
  // Not explicit, as CUDA has it. NOLINTNEXTLINE(google-explicit-constructor)
  constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
      : x(vx), y(vy), z(vz) {}
  unsigned int x, y, z;
};

inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned int x, unsigned int y) { return {x, y}; }
inline uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return {x, y, z}; }
inline uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w) {
  return {x, y, z, w};
}
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// NOLINTEND(readability-identifier-naming)

#endif  // ACTIUM_SERVER_CUDA_HOST_VECTOR_TYPES_H_
