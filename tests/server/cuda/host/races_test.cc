// What TSan sees of kernels. Lanes run one after the other here, so all numbers are right; but each
// is a thread to TSan, and only what CUDA says orders two of them.
#include "server/cuda/host/races.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "server/cuda/host/device.h"
#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

using cuda::host::CommitCopies;
using cuda::host::CopyAsync16;
using cuda::host::DynamicShared;
using cuda::host::LoadMatrix4;
using cuda::host::WaitCopies;

static_assert(cuda::host::kFindsRaces);

constexpr unsigned int kLanes = 64;
constexpr unsigned int kAllLanes = 0xFFFFFFFF;

enum class Between { kNothing, kShuffle, kWarp, kBlock };

template <Between kBetween>
void Order() {
  if constexpr (kBetween == Between::kShuffle) __shfl_sync(kAllLanes, 1, 0);
  if constexpr (kBetween == Between::kWarp) __syncwarp();
  if constexpr (kBetween == Between::kBlock) __syncthreads();
}

// Each lane writes shared memory, and reads what another one wrote: kDistance lanes away.
template <Between kBetween, unsigned int kDistance>
__global__ void ReadOther(unsigned int* out) {
  auto* const shared = reinterpret_cast<unsigned int*>(DynamicShared());
  shared[threadIdx.x] = threadIdx.x;
  Order<kBetween>();
  out[threadIdx.x] = shared[threadIdx.x ^ kDistance];
}

// Writes shared memory again after another warp has read it.
template <Between kBetween>
__global__ void WriteAgain(unsigned int* out) {
  auto* const shared = reinterpret_cast<unsigned int*>(DynamicShared());
  for (unsigned int i = 0; i < 2; ++i) {
    shared[threadIdx.x] = i;
    __syncthreads();
    out[threadIdx.x] = shared[threadIdx.x ^ 32];
    Order<kBetween>();
  }
}

// Each warp reads the rows that the other one has copied.
template <Between kBetween>
__global__ void LoadMatrix(unsigned int* out) {
  unsigned char* const row = DynamicShared() + 16 * threadIdx.x;
  CopyAsync16(row, out, true);
  CommitCopies();
  WaitCopies(0);
  Order<kBetween>();
  unsigned int fragment[4];
  LoadMatrix4(fragment, DynamicShared() + 16 * (threadIdx.x ^ 32));
}

class RacesTest : public StandInTest {
 protected:
  void SetUp() override {
    StandInTest::SetUp();
    GTEST_FLAG_SET(death_test_style, "threadsafe");  // A death test's process starts threads.
    setenv("TSAN_OPTIONS", "halt_on_error=1", /*replace=*/1);  // It reads them when it starts.
  }

  bool Run(void (*kernel)(unsigned int*), unsigned int blocks = 1) {
    return RunKernel(Sizes(blocks, kLanes, 16 * kLanes), kernel, Allocate<unsigned int>(kLanes)) ==
           cudaSuccess;
  }
};

TEST_F(RacesTest, ABarrierOfTheBlockOrdersAllLanes) {
  EXPECT_TRUE(Run(ReadOther<Between::kBlock, 1>));
  EXPECT_TRUE(Run(ReadOther<Between::kBlock, 32>));
  EXPECT_TRUE(Run(WriteAgain<Between::kBlock>));
  EXPECT_TRUE(Run(LoadMatrix<Between::kBlock>));
}

TEST_F(RacesTest, ABarrierOfTheWarpOrdersItsLanesOnly) {
  EXPECT_TRUE(Run(ReadOther<Between::kWarp, 1>));
  EXPECT_DEATH(Run(ReadOther<Between::kWarp, 32>), "data race");
}

TEST_F(RacesTest, AShuffleOrdersNothing) {
  EXPECT_DEATH(Run(ReadOther<Between::kShuffle, 1>), "data race");
}

TEST_F(RacesTest, AMissingBarrierIsARace) {
  EXPECT_DEATH(Run(ReadOther<Between::kNothing, 1>), "data race");
  EXPECT_DEATH(Run(WriteAgain<Between::kNothing>), "data race");
  EXPECT_DEATH(Run(LoadMatrix<Between::kNothing>), "data race");
}

TEST_F(RacesTest, NothingOrdersTwoBlocks) {
  EXPECT_DEATH(Run(ReadOther<Between::kBlock, 1>, 2), "data race");
}

TEST_F(RacesTest, AKernelComesAfterTheOneBeforeInItsStream) {
  unsigned int* const out = Allocate<unsigned int>(kLanes);
  const cudaLaunchConfig_t sizes = Sizes(1, kLanes, 16 * kLanes);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(RunKernel(sizes, ReadOther<Between::kBlock, 1>, out), cudaSuccess);
  }
  EXPECT_EQ(Download(out, kLanes)[5], 4u);
}

}  // namespace
}  // namespace actium::test
