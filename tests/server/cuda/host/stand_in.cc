#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {

void StandInTest::SetUp() { cuda::host::Reset(); }
void StandInTest::TearDown() { cuda::host::Reset(); }

cudaStream_t StandInTest::MakeStream(unsigned int flags) {
  cudaStream_t stream = nullptr;
  EXPECT_EQ(cudaStreamCreateWithFlags(&stream, flags), cudaSuccess);
  return stream;
}

cudaEvent_t StandInTest::MakeEvent(unsigned int flags) {
  cudaEvent_t event = nullptr;
  EXPECT_EQ(cudaEventCreateWithFlags(&event, flags), cudaSuccess);
  return event;
}

cudaLaunchConfig_t Sizes(dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  return config;
}

}  // namespace actium::test
