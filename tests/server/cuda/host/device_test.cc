#include "server/cuda/host/device.h"

#include <cstring>
#include <string>

#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

using cuda::host::SetDeviceCount;

class DeviceTest : public StandInTest {};

__global__ void Nothing() {}
__global__ void TakeSum(int64_t a, float b, float4 c, float* out) {
  *out = static_cast<float>(a) + b + c.w;
}

TEST_F(DeviceTest, TellsWhatItIs) {
  int count = 0, driver = 0, runtime = 0, device = -1;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(cudaDriverGetVersion(&driver), cudaSuccess);
  EXPECT_EQ(cudaRuntimeGetVersion(&runtime), cudaSuccess);
  EXPECT_EQ(driver, 13000);
  EXPECT_EQ(runtime, 13000);
  cudaDeviceProp properties;
  ASSERT_EQ(cudaGetDeviceProperties(&properties, 0), cudaSuccess);
  EXPECT_STREQ(properties.name, "CUDA stand-in");
  EXPECT_EQ(properties.major * 10 + properties.minor, 90);
  EXPECT_EQ(properties.multiProcessorCount, 1);
  EXPECT_EQ(properties.warpSize, 32);
  EXPECT_EQ(properties.sharedMemPerBlockOptin, 227u * 1024);
  EXPECT_EQ(properties.totalGlobalMem, size_t{4} << 30);
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaGetDevice(&device), cudaSuccess);
  EXPECT_EQ(device, 0);
  EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetDeviceProperties(&properties, -1), cudaErrorInvalidDevice);
}

TEST_F(DeviceTest, MayNotBeThere) {
  int count = -1, version = -1;
  SetDeviceCount(0);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(count, 0);
  EXPECT_EQ(cudaSetDevice(0), cudaErrorNoDevice);
  SetDeviceCount(-1);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
  EXPECT_EQ(cudaDriverGetVersion(&version), cudaSuccess);
  EXPECT_EQ(version, 0);
  SetDeviceCount(3);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  EXPECT_EQ(count, 3);
  EXPECT_EQ(cudaSetDevice(2), cudaSuccess);
}

TEST_F(DeviceTest, ConvertsAndCopiesArguments) {
  float* const out = Allocate<float>(1);
  float4 last = make_float4(0, 0, 0, 0.25f);
  const cudaLaunchConfig_t sizes = Sizes(1, 1);
  ASSERT_EQ(cudaLaunchKernelEx(&sizes, TakeSum, 2, 0.5f, last, out), cudaSuccess);
  last.w = 7;
  EXPECT_EQ(Download(out, 1)[0], 2.75f);
}

TEST_F(DeviceTest, RefusesSizesThatNoDeviceTakes) {
  for (const auto& [grid, block] : {std::pair{dim3(0), dim3(32)},
                                    {dim3(1), dim3(0)},
                                    {dim3(1), dim3(1025)},
                                    {dim3(1), dim3(32, 33)},
                                    {dim3(1), dim3(1, 1, 65)},
                                    {dim3(1, 65536), dim3(32)},
                                    {dim3(1, 1, 65536), dim3(32)}}) {
    EXPECT_EQ(RunKernel(Sizes(grid, block), Nothing), cudaErrorInvalidConfiguration);
  }
  EXPECT_EQ(RunKernel(Sizes(dim3(2, 1, 1), dim3(16, 1, 64)), Nothing), cudaSuccess);
  const cudaLaunchConfig_t sizes = Sizes(1, 1, 0, reinterpret_cast<cudaStream_t>(0x5000));
  EXPECT_EQ(cudaLaunchKernelEx(&sizes, Nothing), cudaErrorInvalidResourceHandle);
}

TEST_F(DeviceTest, GivesMoreSharedMemoryOnlyWhenAsked) {
  constexpr int kMost = 227 * 1024;
  EXPECT_EQ(RunKernel(Sizes(1, 1, 48 * 1024), Nothing), cudaSuccess);
  EXPECT_EQ(RunKernel(Sizes(1, 1, 48 * 1024 + 1), Nothing), cudaErrorInvalidValue);
  const auto allow = [](int bytes) {
    return cudaFuncSetAttribute(Nothing, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  };
  EXPECT_EQ(allow(kMost + 1), cudaErrorInvalidValue);
  EXPECT_EQ(allow(kMost), cudaSuccess);
  EXPECT_EQ(RunKernel(Sizes(1, 1, kMost), Nothing), cudaSuccess);
  EXPECT_EQ(RunKernel(Sizes(1, 1, kMost + 1), Nothing), cudaErrorInvalidValue);

  SetDeviceCount(2);  // Of this device only.
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  EXPECT_EQ(RunKernel(Sizes(1, 1, kMost), Nothing), cudaErrorInvalidValue);
  ASSERT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(RunKernel(Sizes(1, 1, kMost), Nothing), cudaSuccess);
}

TEST_F(DeviceTest, RemembersTheLastErrorOfAThread) {
  EXPECT_EQ(cudaSetDevice(9), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
  EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST_F(DeviceTest, NamesErrors) {
  EXPECT_STREQ(cudaGetErrorName(cudaErrorMemoryAllocation), "cudaErrorMemoryAllocation");
  EXPECT_STREQ(cudaGetErrorString(cudaErrorMemoryAllocation), "out of memory");
  EXPECT_STREQ(cudaGetErrorString(cudaSuccess), "no error");
  EXPECT_STREQ(cudaGetErrorName(static_cast<cudaError_t>(555)), "unrecognized error code");
}

}  // namespace
}  // namespace actium::test
