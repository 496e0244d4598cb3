#ifndef ACTIUM_SERVER_CUDA_HOST_DEVICE_H_
#define ACTIUM_SERVER_CUDA_HOST_DEVICE_H_

#include <cstdint>

#include "server/cuda/host/vector_types.h"

/// What a kernel that runs on the CPU calls: where it is, and the instructions that have no name in
/// CUDA C++ (PTX ISA 8.x, sm_80).
///
/// All of it is for the lanes of a running kernel only. Warp-collective functions return when every
/// lane that they name has called them. The process ends with a message that says which lanes wait
/// where if that cannot happen: lanes are at different functions or source lines, or have exited.
namespace actium::cuda::host {

/// Where the lane that runs now is. Blocks run one at a time, so there is one for the process.
struct Running {
  uint3 thread, block;
  dim3 block_dim, grid_dim;
};
extern Running running;

/// A line of source; as a default argument `Place::Here()`, the caller's.
struct Place {
  const char* file;
  int line;

  static constexpr Place Here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// __syncthreads(): every lane of the block must call it, from the same line.
void SyncThreads(Place place = Place::Here());

/// __syncwarp(mask). Lanes that the block does not have count for nothing in any mask.
void SyncWarp(uint32_t mask, Place place = Place::Here());

enum class ShuffleKind { kIndex, kXor, kDown };

/// __shfl_sync, __shfl_xor_sync, __shfl_down_sync on 32 bits. width: a power of two up to 32. What
/// a lane outside of the mask would give is 0xFBFBFBFB.
uint32_t Shuffle(ShuffleKind kind, uint32_t mask, uint32_t value, int lane_or_distance, int width,
                 Place place = Place::Here());

/// The block's dynamic shared memory: 128-byte aligned, exactly as many bytes as the launch asked
/// for, 0xFB in each when a block starts.
unsigned char* DynamicShared();

/// cp.async.cg.shared.global: copies 16 bytes, or writes 16 zeros if not `valid`; then `global` is
/// not read.
///
/// Both addresses must be multiples of 16. The destination holds 0xFB from now on, and the source
/// is read when WaitCopies() of this lane lets the copy happen: the earliest and the latest that
/// hardware may do it. Copies that nobody waits for never happen.
void CopyAsync16(void* shared, const void* global, bool valid, Place place = Place::Here());

/// cp.async.commit_group: what this lane has copied since its last commit, be it nothing, is a
/// group.
void CommitCopies();

/// cp.async.wait_group: does the copies of this lane's groups but its still_pending_groups latest.
/// Only this lane may rely on them; others after a barrier.
void WaitCopies(int still_pending_groups);

/// ldmatrix.sync.aligned.m8n8.x4.shared.b16. row: address of row `lane % 8` of matrix `lane / 8`, 8
/// halves, a multiple of 16. fragment[j]: of matrix j, row `lane / 4`, columns `2 * (lane % 4)` and
/// the next, the first in the low half.
void LoadMatrix4(uint32_t (&fragment)[4], const void* row, Place place = Place::Here());

/// mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32: d += a * b, with fragments as the PTX ISA has
/// them. Products and sums are floats, in order of k.
void MultiplyAccumulateFp16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place = Place::Here());

/// The same with bf16 in place of f16.
void MultiplyAccumulateBf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place = Place::Here());

/// mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32. Of the floats in a and b, the lowest 13 bits
/// count for nothing.
void MultiplyAccumulateTf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place = Place::Here());

/// ex2.approx.ftz.f32: 2^x, off by as much as SetFastMathErrors() says; 0 for results below the
/// normal numbers.
float FastExp2(float x);

/// rcp.approx.ftz.f32: 1 / x, likewise; infinite for x below the normal numbers.
float FastReciprocal(float x);

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_DEVICE_H_
