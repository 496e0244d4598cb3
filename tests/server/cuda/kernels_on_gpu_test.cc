// The tests of single kernels on this machine's GPU: the sources of those that run on the stand-in,
// with kernels that nvcc has compiled.
//
// Exit status: 0 passed, 1 failed, or the GPU cannot be used; 3 there is no GPU or no driver, which
// ctest takes for skipped.
#include <cuda_runtime.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace actium::test {
namespace {

// Says which GPU the tests take, or why they have none.
cudaError_t DescribeGpu() {
  int devices = 0;
  cudaDeviceProp properties = {};
  cudaError_t error = cudaGetDeviceCount(&devices);
  if (error == cudaSuccess) error = cudaGetDeviceProperties(&properties, 0);
  if (error == cudaSuccess) {
    fmt::print("GPU: {}, compute capability {}.{}\n", properties.name, properties.major,
               properties.minor);
  } else {
    fmt::print(stderr, "there is no GPU to test kernels on: {}\n", cudaGetErrorString(error));
  }
  return error;
}

int Run() {
  switch (DescribeGpu()) {
    case cudaSuccess:
      return RUN_ALL_TESTS();
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:  // Also none at all.
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
