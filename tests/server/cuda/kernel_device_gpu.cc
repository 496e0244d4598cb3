#include "tests/server/cuda/kernel_device.h"

namespace actium::test {
namespace {

constexpr uint64_t kLaneOrders[] = {0};
constexpr FastMath kFastMathErrors[] = {{0.0f, 0.0f}};

}  // namespace

const bool kOnGpu = true;

void ResetDevice() {
  // Of a launch that was refused. One that broke the device stays, and fails all tests from then
  // on.
  static_cast<void>(cudaGetLastError());
  EXPECT_EQ(cudaSetDevice(0), cudaSuccess);
}

std::span<const uint64_t> LaneOrders() { return kLaneOrders; }
void SetLaneOrder(uint64_t) {}

std::span<const FastMath> FastMathErrors() { return kFastMathErrors; }
void SetFastMathErrors(const FastMath&) {}

int CountDevices() {
  int devices = 0;
  EXPECT_EQ(cudaGetDeviceCount(&devices), cudaSuccess);
  return devices;
}

void FailNext(const std::string& function, cudaError_t) {
  ADD_FAILURE() << "a GPU does not let " << function << " fail";
}

}  // namespace actium::test
