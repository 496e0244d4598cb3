// What hardware would let pass, or would hang at, ends the process with a message here.

#include <cstdint>

#include "server/cuda/host/device.h"
#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

namespace device = cuda::host;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACTIUM_ASAN 1
#endif
#endif
#if defined(ACTIUM_ASAN) || defined(__SANITIZE_ADDRESS__)
constexpr bool kAsan = true;
#else
constexpr bool kAsan = false;
#endif

constexpr unsigned int kAllLanes = 0xFFFFFFFF;

class MisuseTest : public StandInTest {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    StandInTest::SetUp();
  }
};

__global__ void DivergentBarrier() {
  if (threadIdx.x < 16) __syncthreads();
}

TEST_F(MisuseTest, ABarrierThatSomeLanesPassBy) {
  EXPECT_DEATH(RunKernel(Sizes(1, 64), DivergentBarrier),
               "lanes wait for each other for ever(.|\n)*"
               "warp 0: lanes 0-15 at __syncthreads \\(.*misuse_test.cc:[0-9]+\\), "
               "lanes 16-31 exited(.|\n)*warp 1: lanes 0-31 exited");
}

__global__ void TwoBarriers() {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

TEST_F(MisuseTest, DifferentBarriers) {
  EXPECT_DEATH(RunKernel(Sizes(1, 64), TwoBarriers),
               "lane 0 of warp 1 comes to __syncthreads .*, others of its block to another");
}

__global__ void BarrierAgainstShuffle(int* out) {
  if (threadIdx.x == 3) __syncthreads();
  out[threadIdx.x] = __shfl_sync(kAllLanes, 1, 0);
}

TEST_F(MisuseTest, ABarrierAgainstAShuffle) {
  int* const out = Allocate<int>(32);
  EXPECT_DEATH(RunKernel(Sizes(1, 32), BarrierAgainstShuffle, out),
               "lanes 0-2 at __shfl_sync .*, lanes 3-3 at __syncthreads .*, "
               "lanes 4-31 at __shfl_sync");
}

__global__ void DifferentCollectives(int* out) {
  out[threadIdx.x] = threadIdx.x < 8 ? __shfl_sync(kAllLanes, 1, 0) : 0;
  __syncwarp();
}

TEST_F(MisuseTest, DifferentCollectives) {
  int* const out = Allocate<int>(32);
  EXPECT_DEATH(RunKernel(Sizes(1, 32), DifferentCollectives, out),
               "lanes of warp 0 are at different places: lane 8 comes to __syncwarp (.*), others "
               "wait for it at __shfl_sync");
}

__global__ void DifferentMasks(int* out) {
  const unsigned int mask = threadIdx.x == 0 ? 0x3u : kAllLanes;
  out[threadIdx.x] = __shfl_sync(mask, 1, 0);
}

TEST_F(MisuseTest, DifferentMasks) {
  int* const out = Allocate<int>(32);
  EXPECT_DEATH(RunKernel(Sizes(1, 32), DifferentMasks, out),
               "lane 1 comes to __shfl_sync .* with mask 0xffffffff, others wait for it at .* "
               "with mask 0x3");
}

__global__ void NotInItsMask() { __syncwarp(threadIdx.x == 0 ? 0x2u : 0x1u); }

TEST_F(MisuseTest, ALaneThatIsNotInItsMask) {
  EXPECT_DEATH(RunKernel(Sizes(1, 2), NotInItsMask), "lane 0 .*: the lane is not in its own mask");
}

__global__ void ExitBefore(int* out) {
  if (threadIdx.x >= 30) return;
  out[threadIdx.x] = __shfl_sync(kAllLanes, 1, 0);
}

TEST_F(MisuseTest, ACollectiveThatLanesExitedBefore) {
  int* const out = Allocate<int>(32);
  EXPECT_DEATH(RunKernel(Sizes(1, 32), ExitBefore, out),
               "lane 30 of warp 0 has exited, and others wait for it");
  EXPECT_DEATH(
      {
        device::SetLaneOrder(2);
        RunKernel(Sizes(1, 32), ExitBefore, out);
      },
      "exited");
}

__global__ void SmallWarp() {
  float d[4] = {};
  const uint32_t a[4] = {}, b[2] = {};
  device::MultiplyAccumulateFp16(d, a, b);
}

TEST_F(MisuseTest, AMatrixProductOfHalfAWarp) {
  EXPECT_DEATH(RunKernel(Sizes(1, 48), SmallWarp),
               "warp 1 at mma.*: the warp has fewer than 32 lanes");
}

__global__ void MisalignedCopy(const unsigned char* source) {
  device::CopyAsync16(device::DynamicShared() + 8, source, true);
}
__global__ void MisalignedLoad() {
  uint32_t fragment[4];
  device::LoadMatrix4(fragment, device::DynamicShared() + 2 * threadIdx.x);
}

TEST_F(MisuseTest, MisalignedAddresses) {
  const unsigned char* const source = Allocate<unsigned char>(16);
  EXPECT_DEATH(RunKernel(Sizes(1, 1, 32), MisalignedCopy, source),
               "misuse_test.cc:[0-9]+: both addresses of cp.async must be multiples of 16");
  EXPECT_DEATH(RunKernel(Sizes(1, 32, 128), MisalignedLoad),
               "lane 1 .*: an address of ldmatrix must be a multiple of 16");
}

__global__ void BadWidth(int* out) { *out = __shfl_sync(kAllLanes, 1, 0, 5); }

TEST_F(MisuseTest, AShuffleOfAWidthThatIsNoPowerOfTwo) {
  EXPECT_DEATH(RunKernel(Sizes(1, 32), BadWidth, Allocate<int>(1)), "width must be a power of two");
}

__global__ void WriteBehindShared() { device::DynamicShared()[threadIdx.x] = 1; }
__global__ void WriteBehind(unsigned char* memory) { memory[threadIdx.x] = 1; }
__global__ void CopyBehindShared(const uint4* source) {
  device::CopyAsync16(device::DynamicShared() + 16, source, true);
}
__global__ void CopyFromBehind(const uint4* source) {
  device::CopyAsync16(device::DynamicShared(), source + 1, true);
}
__global__ void ReadMisaligned(const unsigned char* memory, uint4* out) {
  const auto* const misaligned = reinterpret_cast<const uint4*>(memory + 4);
  *out = *misaligned;
  out->x = misaligned->x;  // clang looks at single members only.
}

TEST_F(MisuseTest, AsanSeesWhatIsOutOfBounds) {
  if (!kAsan) GTEST_SKIP() << "without ASan";
  unsigned char* const memory = Allocate<unsigned char>(20);
  const auto* const source = reinterpret_cast<const uint4*>(memory);
  const char* const overflow = "heap-buffer-overflow";
  EXPECT_EQ(RunKernel(Sizes(1, 20, 20), WriteBehindShared), cudaSuccess);
  EXPECT_DEATH(RunKernel(Sizes(1, 21, 20), WriteBehindShared), overflow);
  EXPECT_EQ(RunKernel(Sizes(1, 20), WriteBehind, memory), cudaSuccess);
  EXPECT_DEATH(RunKernel(Sizes(1, 21), WriteBehind, memory), overflow);
  EXPECT_DEATH(RunKernel(Sizes(1, 1, 31), CopyBehindShared, source), overflow);
  EXPECT_DEATH(RunKernel(Sizes(1, 1, 16), CopyFromBehind, source), overflow);
}

TEST_F(MisuseTest, UbsanSeesMisalignedVectors) {
  if (!kAsan) GTEST_SKIP() << "without UBSan";
  const unsigned char* const memory = Allocate<unsigned char>(32);
  EXPECT_DEATH(RunKernel(Sizes(1, 1), ReadMisaligned, memory, Allocate<uint4>(1)),
               "misaligned address");
}

__global__ void Recurse(int depth, volatile int* out) {
  volatile char frame[1024];
  frame[0] = static_cast<char>(depth);
  if (depth > 0) Recurse(depth - 1, out);
  *out = frame[0];
}

TEST_F(MisuseTest, AStackThatOverflows) {
  volatile int* const out = Allocate<int>(1);
  EXPECT_EQ(RunKernel(Sizes(1, 1), Recurse, 20, out), cudaSuccess);
  EXPECT_DEATH(RunKernel(Sizes(1, 1), Recurse, 20000, out), "");
}

}  // namespace
}  // namespace actium::test
