#ifndef ACTIUM_TESTS_SERVER_CUDA_HOST_STAND_IN_H_
#define ACTIUM_TESTS_SERVER_CUDA_HOST_STAND_IN_H_

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "server/cuda/host/control.h"

namespace actium::test {

/// Starts and ends each test with a stand-in as at the process's start.
class StandInTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  cudaStream_t MakeStream(unsigned int flags = cudaStreamNonBlocking);
  cudaEvent_t MakeEvent(unsigned int flags = cudaEventDisableTiming);

  /// Device memory, until the test ends.
  template <class T>
  T* Allocate(size_t count) {
    T* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, count * sizeof(T)), cudaSuccess);
    return memory;
  }

  template <class T>
  T* Upload(const std::vector<T>& values) {
    T* const memory = Allocate<T>(values.size());
    EXPECT_EQ(cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
              cudaSuccess);
    return memory;
  }

  /// After all work of blocking streams.
  template <class T>
  std::vector<T> Download(const T* memory, size_t count) {
    std::vector<T> values(count);
    EXPECT_EQ(cudaMemcpy(values.data(), memory, count * sizeof(T), cudaMemcpyDeviceToHost),
              cudaSuccess);
    return values;
  }
};

/// Of a launch in the default stream.
cudaLaunchConfig_t Sizes(dim3 grid, dim3 block, size_t shared_bytes = 0,
                         cudaStream_t stream = nullptr);

/// Launches a kernel and waits for it; returns the first error.
template <class... Parameters, class... Arguments>
cudaError_t RunKernel(const cudaLaunchConfig_t& sizes, void (*kernel)(Parameters...),
                      Arguments&&... arguments) {
  const cudaError_t error =
      cudaLaunchKernelEx(&sizes, kernel, std::forward<Arguments>(arguments)...);
  return error != cudaSuccess ? error : cudaStreamSynchronize(sizes.stream);
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_HOST_STAND_IN_H_
