// The tests of single kernels on this machine's GPU: the sources of those that run on the stand-in,
// with kernels that nvcc has compiled.
//
// Exit status: 0 passed, 1 failed, or the GPU cannot be used; 3 there is no GPU or no driver, or
// the kernels were compiled for other GPUs, which ctest takes for skipped.
#include <cuda_runtime.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/cuda/divide_kernel.h"

namespace actium::test {
namespace {

// Runs a kernel that was compiled like all others, on zeros.
cudaError_t TryKernel() {
  uint32_t* zeros = nullptr;
  cudaError_t error = cudaMalloc(&zeros, 256);
  if (error == cudaSuccess) error = cudaMemset(zeros, 0, 256);
  if (error == cudaSuccess) {
    error = RunDivisions({.dividends = zeros,
                          .divisors = reinterpret_cast<const cuda::Divisor*>(zeros + 16),
                          .quotients = zeros + 32,
                          .remainders = zeros + 48,
                          .count = 1});
  }
  if (error == cudaSuccess) error = cudaDeviceSynchronize();
  cudaFree(zeros);
  return error;
}

// Says which GPU the tests take, or why they have none.
cudaError_t DescribeGpu() {
  int devices = 0;
  cudaDeviceProp properties = {};
  cudaError_t error = cudaGetDeviceCount(&devices);
  if (error == cudaSuccess) error = cudaGetDeviceProperties(&properties, 0);
  if (error == cudaSuccess) {
    fmt::print("GPU: {}, compute capability {}.{}\n", properties.name, properties.major,
               properties.minor);
    error = TryKernel();
  }
  if (error != cudaSuccess) {
    fmt::print(stderr, "there is no GPU to test these kernels on: {}\n", cudaGetErrorString(error));
  }
  return error;
}

int Run() {
  switch (DescribeGpu()) {
    case cudaSuccess:
      return RUN_ALL_TESTS();
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:  // Also none at all.
    case cudaErrorNoKernelImageForDevice:
      return 3;
    default:
      return 1;
  }
}

}  // namespace
}  // namespace actium::test

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  // Names of tests are the same everywhere.
  if (::testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  return actium::test::Run();
}
