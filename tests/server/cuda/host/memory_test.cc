#include <cstdint>
#include <vector>

#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

using cuda::host::LiveObjects;
using cuda::host::SetDeviceMemory;

class MemoryTest : public StandInTest {};

TEST_F(MemoryTest, IsGarbageAndAligned) {
  unsigned char* const memory = Allocate<unsigned char>(1001);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 256, 0u);
  EXPECT_EQ(Download(memory, 1001), std::vector<unsigned char>(1001, 0xFB));
}

TEST_F(MemoryTest, OfNoBytesIsNull) {
  void* memory = this;
  EXPECT_EQ(cudaMalloc(&memory, 0), cudaSuccess);
  EXPECT_EQ(memory, nullptr);
  EXPECT_EQ(cudaFree(nullptr), cudaSuccess);
  EXPECT_EQ(cudaMalloc(static_cast<void**>(nullptr), 4), cudaErrorInvalidValue);
}

TEST_F(MemoryTest, HasALimit) {
  SetDeviceMemory(1000);
  void *first = nullptr, *second = nullptr;
  size_t free_bytes = 0, total_bytes = 0;
  ASSERT_EQ(cudaMalloc(&first, 600), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&second, 401), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaMalloc(&second, SIZE_MAX), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaMemGetInfo(&free_bytes, &total_bytes), cudaSuccess);
  EXPECT_EQ(free_bytes, 400u);
  EXPECT_EQ(total_bytes, 1000u);
  EXPECT_EQ(cudaFree(first), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&second, 1000), cudaSuccess);
}

TEST_F(MemoryTest, IsFreedOnceByWhatItWasMadeWith) {
  unsigned char* const device = Allocate<unsigned char>(8);
  void* host = nullptr;
  ASSERT_EQ(cudaHostAlloc(&host, 8, cudaHostAllocPortable), cudaSuccess);
  EXPECT_EQ(cudaFree(host), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFreeHost(device), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(device + 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFreeHost(host), cudaSuccess);
  EXPECT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(cudaFree(device), cudaErrorInvalidValue);
}

TEST_F(MemoryTest, CountsWhatIsLeft) {
  void *device = nullptr, *host = nullptr;
  ASSERT_EQ(cudaMalloc(&device, 8), cudaSuccess);
  ASSERT_EQ(cudaMallocHost(&host, 8), cudaSuccess);
  MakeStream();
  MakeEvent();
  EXPECT_EQ(LiveObjects(),
            (cuda::host::ObjectCounts{
                .device_allocations = 1, .host_allocations = 1, .streams = 1, .events = 1}));
  cuda::host::Reset();
  EXPECT_EQ(LiveObjects(), cuda::host::ObjectCounts{});
}

TEST_F(MemoryTest, IsCopiedEveryWay) {
  const std::vector<int> source = {1, 2, 3};
  std::vector<int> target(3);
  int* const first = Upload(source);
  int* const second = Allocate<int>(3);
  const size_t bytes = 3 * sizeof(int);
  EXPECT_EQ(cudaMemcpy(second, first, bytes, cudaMemcpyDeviceToDevice), cudaSuccess);
  EXPECT_EQ(Download(second, 3), source);
  EXPECT_EQ(cudaMemcpy(target.data(), source.data(), bytes, cudaMemcpyHostToHost), cudaSuccess);
  EXPECT_EQ(target, source);
  EXPECT_EQ(cudaMemsetAsync(second, 1, bytes), cudaSuccess);
  EXPECT_EQ(cudaMemcpy(target.data(), second, bytes, cudaMemcpyDefault), cudaSuccess);
  EXPECT_EQ(target, std::vector<int>(3, 0x01010101));
}

TEST_F(MemoryTest, IsNotCopiedFromOrToWhereTheKindSaysItIsNot) {
  std::vector<int> host(4);
  int* const device = Allocate<int>(4);
  const auto copy = [&](void* target, const void* source, size_t bytes, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(target, source, bytes, kind);
  };
  EXPECT_EQ(copy(host.data(), host.data(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(device, device, 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(device, host.data(), 16, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(copy(host.data(), device, 16, static_cast<cudaMemcpyKind>(5)),
            cudaErrorInvalidMemcpyDirection);
  EXPECT_EQ(copy(device, host.data(), 17, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(device + 2, host.data(), 12, cudaMemcpyDefault), cudaErrorInvalidValue);
  EXPECT_EQ(copy(device, nullptr, 4, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(copy(device, nullptr, 0, cudaMemcpyHostToDevice), cudaSuccess);
  EXPECT_EQ(cudaMemsetAsync(host.data(), 0, 4), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemsetAsync(device, 0, 17), cudaErrorInvalidValue);
  ASSERT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(copy(device, host.data(), 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace actium::test
