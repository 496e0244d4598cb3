#include "server/cuda/device.h"

#include <cuda_runtime.h>

#include <atomic>
#include <cstdlib>

#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

constexpr int kMostDevices = 64;  // More than a machine has.

std::atomic<bool>& Unhealthy(int device) {
  static std::atomic<bool> unhealthy[kMostDevices];
  return unhealthy[device];
}

}  // namespace

absl::StatusOr<int> CountDevices() {
  // All kernels are loaded with the first call of a process: one that was loaded when it is first
  // used might be so while a CUDA graph is captured.
  setenv("CUDA_MODULE_LOADING", "EAGER", /*overwrite=*/0);
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorNoDevice) return 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(error, "looking for GPUs");
  return count < kMostDevices ? count : kMostDevices;
}

bool IsHealthy(int device) {
  return device < 0 || device >= kMostDevices || !Unhealthy(device).load();
}

void MarkUnhealthy(int device) {
  if (device >= 0 && device < kMostDevices) Unhealthy(device).store(true);
}

}  // namespace actium::cuda
