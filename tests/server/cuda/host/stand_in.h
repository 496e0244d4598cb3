#ifndef ACTIUM_TESTS_SERVER_CUDA_HOST_STAND_IN_H_
#define ACTIUM_TESTS_SERVER_CUDA_HOST_STAND_IN_H_

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <utility>

#include "server/cuda/host/control.h"
#include "tests/server/cuda/device_memory.h"

namespace actium::test {

/// Starts and ends each test with a stand-in as at the process's start.
class StandInTest : public DeviceMemoryTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  cudaStream_t MakeStream(unsigned int flags = cudaStreamNonBlocking);
  cudaEvent_t MakeEvent(unsigned int flags = cudaEventDisableTiming);
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
