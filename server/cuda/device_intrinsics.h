#ifndef ACTIUM_SERVER_CUDA_DEVICE_INTRINSICS_H_
#define ACTIUM_SERVER_CUDA_DEVICE_INTRINSICS_H_

#include <cuda_runtime.h>

#include <cstdint>

/// A device function that stays one. (Elsewhere than in CUDA the name with underscores is taken by
/// the standard library.)
#if defined(__CUDACC__)
#define ACTIUM_DEVICE_NOINLINE __device__ __noinline__
#else
#include "server/cuda/host/device.h"
#define ACTIUM_DEVICE_NOINLINE [[gnu::noinline]]
#endif

/// What kernels need beyond CUDA's C++: instructions by PTX for a device, and on the host build
/// what the stand-in makes of them. Source: PTX ISA 8.0, sections named at each.
namespace actium::cuda {

#if defined(__CUDACC__)

/// The block's dynamic shared memory, on 128 bytes.
__device__ __forceinline__ unsigned char* DynamicShared() {
  extern __shared__ __align__(128) unsigned char memory[];
  return memory;
}

/// 2^x with a relative error of 2^-22; results below the normal numbers are 0 (ex2.approx.ftz).
__device__ __forceinline__ float FastExp2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// 1 / x with an error of 1 ulp (rcp.approx.ftz).
__device__ __forceinline__ float FastReciprocal(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

__device__ __forceinline__ uint32_t SharedAddress(const void* shared) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(shared));
}

/// Begins to copy 16 bytes from global to shared memory, or zeros if !valid (cp.async.cg).
__device__ __forceinline__ void CopyAsync16(void* shared, const void* global, bool valid) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(SharedAddress(shared)),
               "l"(global), "r"(valid ? 16 : 0)
               : "memory");
}

/// Closes this thread's group of copies (cp.async.commit_group).
__device__ __forceinline__ void CommitCopies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

/// Waits until at most kPending of this thread's groups are under way (cp.async.wait_group).
template <int kPending>
__device__ __forceinline__ void WaitCopies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

/// Four 8x8 matrices of 16-bit numbers, whose rows are 16 bytes of shared memory each: lane i names
/// row i % 8 of matrix i / 8, and gets of each matrix the 32 bits at row lane / 4, column 2 (lane %
/// 4) (ldmatrix).
__device__ __forceinline__ void LoadMatrix4(uint32_t (&fragment)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"(SharedAddress(row)));
}

/// d += a b for 16x16 a and 16x8 b of half (mma.m16n8k16).
__device__ __forceinline__ void MultiplyAccumulateFp16(float (&d)[4], const uint32_t (&a)[4],
                                                       const uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// The same for bfloat16.
__device__ __forceinline__ void MultiplyAccumulateBf16(float (&d)[4], const uint32_t (&a)[4],
                                                       const uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// d += a b for 16x8 a and 8x8 b of floats of which 10 bits of fraction count (mma.m16n8k8 tf32).
__device__ __forceinline__ void MultiplyAccumulateTf32(float (&d)[4], const uint32_t (&a)[4],
                                                       const uint32_t (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#else

using host::CommitCopies;
using host::CopyAsync16;
using host::DynamicShared;
using host::FastExp2;
using host::FastReciprocal;
using host::LoadMatrix4;
using host::MultiplyAccumulateBf16;
using host::MultiplyAccumulateFp16;
using host::MultiplyAccumulateTf32;

template <int kPending>
void WaitCopies() {
  host::WaitCopies(kPending);
}

#endif

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_DEVICE_INTRINSICS_H_
