#include "server/cuda/host/control.h"
#include "server/cuda/host/races.h"
#include "tests/server/cuda/kernel_device.h"

namespace actium::test {
namespace {

// As the warps' numbers, and two permutations.
constexpr uint64_t kLaneOrders[] = {0, 1, 2};

// What a device may do to an exponential (PTX ISA: 2^-22) and a reciprocal (1 ulp), with room.
constexpr FastMath kFastMathErrors[] = {{0.0f, 0.0f},
                                        {0x1p-20f, 0x1p-22f},
                                        {0x1p-20f, -0x1p-22f},
                                        {-0x1p-20f, 0x1p-22f},
                                        {-0x1p-20f, -0x1p-22f}};

}  // namespace

const bool kOnGpu = false;

void ResetDevice() { cuda::host::Reset(); }

std::span<const uint64_t> LaneOrders() {
  const std::span<const uint64_t> all = kLaneOrders;
  return cuda::host::kFindsRaces ? all.first(1) : all;  // To TSan they are all the same.
}
void SetLaneOrder(uint64_t order) { cuda::host::SetLaneOrder(order); }

std::span<const FastMath> FastMathErrors() { return kFastMathErrors; }
void SetFastMathErrors(const FastMath& errors) {
  cuda::host::SetFastMathErrors(errors.exp2, errors.reciprocal);
}

int CountDevices() {
  constexpr int kDevices = 2;
  cuda::host::SetDeviceCount(kDevices);
  return kDevices;
}

void FailNext(const std::string& function, cudaError_t error) {
  cuda::host::InjectFault({.call = function, .error = error});
}

}  // namespace actium::test
