#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "server/cuda/host/device.h"
#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

using cuda::host::DynamicShared;
using cuda::host::SetLaneOrder;

constexpr unsigned int kAllLanes = 0xFFFFFFFF;

class KernelsTest : public StandInTest {};

__global__ void Add(const float* a, const float* b, float* sum, int count) {
  const unsigned int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < static_cast<unsigned int>(count)) sum[i] = a[i] + b[i];
}

TEST_F(KernelsTest, AddsVectorsOfEveryLength) {
  for (const int count : {1, 31, 32, 33, 127, 128, 129, 1000, 4097}) {
    std::vector<float> a(static_cast<size_t>(count)), b(a.size(), 0.5f);
    std::iota(a.begin(), a.end(), 1.0f);
    float* const sum = Allocate<float>(a.size());
    const auto blocks = static_cast<unsigned int>(count + 127) / 128;
    ASSERT_EQ(RunKernel(Sizes(blocks, 128), Add, Upload(a), Upload(b), sum, count), cudaSuccess);
    const std::vector<float> sums = Download(sum, a.size());
    for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(sums[i], a[i] + 0.5f) << i;
  }
}

__global__ void WritePosition(uint4* positions) {
  const unsigned int lane = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned int lanes = blockDim.x * blockDim.y * blockDim.z;
  positions[block * lanes + lane] = make_uint4(threadIdx.x, threadIdx.y, threadIdx.z, block);
}

TEST_F(KernelsTest, EachLaneOfThreeDimensionsRunsOnce) {
  const size_t count = size_t{2} * 3 * 4 * 5 * 3 * 7;
  uint4* const positions = Allocate<uint4>(count);
  ASSERT_EQ(RunKernel(Sizes(dim3(2, 3, 4), dim3(5, 3, 7)), WritePosition, positions), cudaSuccess);
  size_t i = 0;
  for (const uint4& position : Download(positions, count)) {
    ASSERT_EQ(position.x, i % 5);
    ASSERT_EQ(position.y, i / 5 % 3);
    ASSERT_EQ(position.z, i / 15 % 7);
    ASSERT_EQ(position.w, i / 105);
    ++i;
  }
}

// Each block adds up its part: within warps by shuffles, among them through shared memory.
__global__ void Reduce(const float* values, float* sums) {
  __shared__ float of_warps[32];
  const unsigned int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float sum = values[blockIdx.x * blockDim.x + threadIdx.x];
  for (unsigned int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(kAllLanes, sum, distance);
  }
  if (lane == 0) of_warps[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = lane < blockDim.x / 32 ? of_warps[lane] : 0.0f;
    for (int mask = 16; mask > 0; mask /= 2) sum += __shfl_xor_sync(kAllLanes, sum, mask);
    if (lane == 0) sums[blockIdx.x] = sum;
  }
}

TEST_F(KernelsTest, ReducesBlocksInEveryOrder) {
  std::vector<float> values(7 * 256);
  std::iota(values.begin(), values.end(), 0.0f);
  float* const sums = Allocate<float>(7);
  for (const uint64_t seed : {0u, 1u, 2u, 3u, 4u}) {
    SetLaneOrder(seed);
    ASSERT_EQ(RunKernel(Sizes(7, 256), Reduce, Upload(values), sums), cudaSuccess);
    const std::vector<float> result = Download(sums, 7);
    for (size_t block = 0; block < 7; ++block) {
      const float first = static_cast<float>(block) * 256;
      EXPECT_EQ(result[block], 256 * first + 255 * 128) << "seed " << seed;
    }
  }
}

// Lane i writes i and reads what lane i - 1 wrote: without a barrier, right for one order only.
template <bool kWithBarrier>
__global__ void ReadNeighbour(unsigned int* out) {
  auto* const shared = reinterpret_cast<unsigned int*>(DynamicShared());
  shared[threadIdx.x] = threadIdx.x;
  if constexpr (kWithBarrier) __syncthreads();
  out[threadIdx.x] = shared[threadIdx.x == 0 ? 0 : threadIdx.x - 1];
}

bool NeighboursAreRight(const std::vector<unsigned int>& out) {
  for (size_t i = 1; i < out.size(); ++i) {
    if (out[i] != i - 1) return false;
  }
  return true;
}

TEST_F(KernelsTest, AMissingBarrierShowsInSomeOrder) {
  unsigned int* const out = Allocate<unsigned int>(128);
  int right = 0, right_with_barrier = 0;
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SetLaneOrder(seed);
    const cudaLaunchConfig_t sizes = Sizes(1, 128, 128 * sizeof(unsigned int));
    ASSERT_EQ(RunKernel(sizes, ReadNeighbour<false>, out), cudaSuccess);
    right += NeighboursAreRight(Download(out, 128));
    ASSERT_EQ(RunKernel(sizes, ReadNeighbour<true>, out), cudaSuccess);
    right_with_barrier += NeighboursAreRight(Download(out, 128));
  }
  EXPECT_EQ(right, 1);
  EXPECT_EQ(right_with_barrier, 5);
}

__global__ void NoteOrder(int* next, unsigned int* order) { order[(*next)++] = threadIdx.x; }

TEST_F(KernelsTest, ASeedIsAnOrderOfLanesAndWarps) {
  unsigned int* const order = Allocate<unsigned int>(256);
  std::vector<unsigned int> ascending(256);
  std::iota(ascending.begin(), ascending.end(), 0u);
  std::set<std::vector<unsigned int>> of_lanes, of_warps;
  for (const uint64_t seed : {0u, 1u, 2u, 1u, 0u}) {
    SetLaneOrder(seed);
    ASSERT_EQ(RunKernel(Sizes(1, 256), NoteOrder, Upload<int>({0}), order), cudaSuccess);
    std::vector<unsigned int> noted = Download(order, 256), lanes, warps;
    for (size_t i = 0; i < 256; ++i) {
      EXPECT_EQ(noted[i] / 32, noted[i / 32 * 32] / 32) << "a warp was interrupted";
      if (noted[i] < 32) lanes.push_back(noted[i]);
      if (i % 32 == 0) warps.push_back(noted[i] / 32);
    }
    of_lanes.insert(lanes);
    of_warps.insert(warps);
    if (seed == 0) {
      EXPECT_EQ(noted, ascending);
    }
    std::sort(noted.begin(), noted.end());
    EXPECT_EQ(noted, ascending) << "seed " << seed;
  }
  EXPECT_EQ(of_lanes.size(), 3u);
  EXPECT_EQ(of_warps.size(), 3u);
}

__global__ void ShuffleAll(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  int* const row = out + 6 * lane;
  row[0] = __shfl_sync(kAllLanes, lane, 5);
  row[1] = __shfl_sync(kAllLanes, lane, 5, 4);
  row[2] = __shfl_xor_sync(kAllLanes, lane, 9);
  row[3] = __shfl_xor_sync(kAllLanes, lane, 9, 8);
  row[4] = __shfl_down_sync(kAllLanes, lane, 3u);
  row[5] = __shfl_down_sync(kAllLanes, lane, 3u, 8);
}

TEST_F(KernelsTest, ShufflesAsPtxSays) {
  int* const out = Allocate<int>(6 * 32);
  ASSERT_EQ(RunKernel(Sizes(1, 32), ShuffleAll, out), cudaSuccess);
  const std::vector<int> rows = Download(out, 6 * 32);
  for (int lane = 0; lane < 32; ++lane) {
    const int* const row = rows.data() + 6 * lane;
    EXPECT_EQ(row[0], 5);
    EXPECT_EQ(row[1], lane / 4 * 4 + 1);
    EXPECT_EQ(row[2], lane ^ 9);
    EXPECT_EQ(row[3], (lane ^ 9) <= (lane | 7) ? lane ^ 9 : lane);
    EXPECT_EQ(row[4], lane + 3 < 32 ? lane + 3 : lane);
    EXPECT_EQ(row[5], lane % 8 + 3 < 8 ? lane + 3 : lane);
  }
}

// The two halves of a warp go apart, each with a mask of its own.
__global__ void ShuffleHalves(unsigned int* out) {
  const bool low = threadIdx.x < 16;
  unsigned int value = threadIdx.x;
  const int rounds = low ? 3 : 5;
  for (int i = 0; i < rounds; ++i) {
    value += __shfl_xor_sync(low ? 0x0000FFFFu : 0xFFFF0000u, value, 1);
  }
  __syncwarp();
  out[threadIdx.x] = value + __shfl_sync(kAllLanes, value, 31);
}

TEST_F(KernelsTest, LanesWithOtherMasksDoNotWaitForEachOther) {
  unsigned int* const out = Allocate<unsigned int>(32);
  for (const uint64_t seed : {0u, 1u, 2u}) {
    SetLaneOrder(seed);
    ASSERT_EQ(RunKernel(Sizes(1, 32), ShuffleHalves, out), cudaSuccess);
    const std::vector<unsigned int> values = Download(out, 32);
    for (unsigned int lane = 0; lane < 32; ++lane) {
      const unsigned int pair = lane / 2 * 4 + 1;  // The sum of the numbers of two neighbours.
      EXPECT_EQ(values[lane], pair * (lane < 16 ? 4 : 16) + 61 * 16);
    }
  }
}

__global__ void CountInShared(unsigned int* out) {
  auto* const counter = reinterpret_cast<unsigned int*>(DynamicShared());
  if (threadIdx.x == 0) out[2 * blockIdx.x] = *counter;
  __syncthreads();
  if (threadIdx.x == 0) *counter = 0;
  for (unsigned int i = 0; i < blockDim.x; ++i) {
    __syncthreads();
    if (threadIdx.x == i) ++*counter;
  }
  __syncthreads();
  if (threadIdx.x == 40) out[2 * blockIdx.x + 1] = *counter;
}

TEST_F(KernelsTest, SharedMemoryIsGarbageWhenABlockStarts) {
  unsigned int* const out = Allocate<unsigned int>(6);
  ASSERT_EQ(RunKernel(Sizes(3, 48, 4), CountInShared, out), cudaSuccess);
  EXPECT_EQ(Download(out, 6),
            (std::vector<unsigned int>{0xFBFBFBFB, 48, 0xFBFBFBFB, 48, 0xFBFBFBFB, 48}));
}

__global__ void Arithmetic(float* out) {
  out[0] = __fmaf_rn(1.0f + 0x1p-12f, 1.0f + 0x1p-12f, -1.0f);
  out[1] = static_cast<float>(__umulhi(0x80000000u, 6u) + static_cast<unsigned int>(__clz(1)));
  out[2] = static_cast<float>(min(3, max(-2, 1)) + static_cast<int>(min(7u, max(2u, 5u))));
  out[3] = min(NAN, 2.0f) + max(4.0f, NAN);
  out[4] = __uint_as_float(__float_as_uint(__ldg(out + 2)) ^ 0x80000000u);
  out[5] = __expf(0.0f) + static_cast<float>(warpSize);
}

TEST_F(KernelsTest, Computes) {
  float* const out = Allocate<float>(6);
  ASSERT_EQ(RunKernel(Sizes(1, 1), Arithmetic, out), cudaSuccess);
  EXPECT_EQ(Download(out, 6),
            (std::vector<float>{0x1p-11f + 0x1p-24f, 3 + 31, 1 + 5, 2 + 4, -6, 33}));
}

TEST_F(KernelsTest, AlignsVectors) {
  static_assert(sizeof(uint4) == 16 && alignof(uint4) == 16);
  static_assert(sizeof(float4) == 16 && alignof(float4) == 16);
  static_assert(sizeof(int4) == 16 && alignof(int4) == 16);
  static_assert(alignof(float2) == 8 && alignof(uint2) == 8 && alignof(int2) == 8);
  static_assert(sizeof(uint3) == 12 && sizeof(dim3) == 12);
}

}  // namespace
}  // namespace actium::test
