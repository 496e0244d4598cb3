#ifndef ACTIUM_SERVER_CUDA_HOST_BLOCK_H_
#define ACTIUM_SERVER_CUDA_HOST_BLOCK_H_

// Internal to server/cuda/host.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "server/cuda/host/device.h"

/// Runs the lanes of a block as fibers on one thread, a warp at a time: a lane runs until it must
/// wait, then the next of its warp; when none of a warp can go on, the next warp. So lanes and
/// warps are as far apart as barriers let them be, and what a missing barrier breaks, breaks. TSan
/// takes lanes for threads, also those of different blocks, that only barriers order.
namespace actium::cuda::host {

constexpr int kWarpLanes = 32;
constexpr unsigned char kGarbage = 0xFB;

/// Something that the lanes of a warp do together.
struct Collective {
  const char* name;
  /// Needs all 32 lanes.
  bool whole_warp;
  /// What a lane did before it comes before what the others do after it.
  bool orders_memory;
  /// Called once, by the lane that comes last. operands[i]: what lane i gave to Meet(), if bit i of
  /// lanes is set.
  void (*complete)(void* const (&operands)[kWarpLanes], uint32_t lanes);
};

/// One lane's cp.async that have not happened.
struct AsyncCopies {
  struct Copy {
    void* shared;
    const void* global;
    bool valid;
  };
  std::vector<Copy> copies;        ///< In order of their calls.
  std::vector<size_t> group_ends;  ///< How many of `copies` were there at each commit.
};

/// Waits, as the running lane, until all lanes of the mask have come here, and one of them has
/// completed the collective. operands: valid until Meet() returns.
void Meet(const Collective& collective, uint32_t mask, void* operands, Place place);

/// Of the running lane: its number in its warp.
int LaneInWarp();
AsyncCopies& CopiesOfLane();

/// Ends the process with this message and where the running lane is.
[[noreturn]] void DieInLane(const char* problem, Place place);

/// Runs a kernel: `lane` once for each lane of each block, on the calling thread. Thread-safe: one
/// grid runs at a time. The sizes must be CUDA's.
void RunGrid(const dim3& grid, const dim3& block, size_t shared_bytes,
             const std::function<void()>& lane);

/// The permutation in which lanes and warps run, from the next grid on; 0: ascending. Thread-safe.
void SetOrderSeed(uint64_t seed);

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_BLOCK_H_
