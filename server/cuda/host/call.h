#ifndef ACTIUM_SERVER_CUDA_HOST_CALL_H_
#define ACTIUM_SERVER_CUDA_HOST_CALL_H_

// Internal to server/cuda/host: what every function of the API does first and last.

#include <cstdint>
#include <map>
#include <string>

#include "server/cuda/host/runtime_api.h"

namespace actium::cuda::host {

/// Counts a call. Errors: the one that broke the context; that there is no device; a fault
/// injected.
cudaError_t Enter(const char* function);

/// Makes an error the thread's last; returns it.
cudaError_t Remember(cudaError_t error);

/// The error that broke the context; cudaSuccess if none did.
cudaError_t Broken();

/// Counts a kernel's execution, and returns the fault injected for it, if any.
cudaError_t EnterKernel();

/// Breaks the context.
void Break(cudaError_t error);

/// Runs the body of an API function.
template <class Body>
cudaError_t Call(const char* function, Body body) {
  const cudaError_t error = Enter(function);
  return Remember(error != cudaSuccess ? error : body());
}

int DeviceCount();
int DeviceOfThread();
void SetDeviceOfThread(int device);

void ResetCalls();

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_CALL_H_
