#ifndef ACTIUM_SERVER_CUDA_STATUS_H_
#define ACTIUM_SERVER_CUDA_STATUS_H_

#include <cuda_runtime.h>

#include <string_view>

#include "absl/status/status.h"
#include "server/base/status_macros.h"

namespace actium::cuda {

/// Returns a CUDA error as a status: UNAVAILABLE for those after which the device is of no use to
/// this process (IsSticky()), RESOURCE_EXHAUSTED for memory, FAILED_PRECONDITION for a missing
/// device or driver, otherwise INTERNAL. doing: what failed, as "loading the weights".
absl::Status ToStatus(cudaError_t error, std::string_view doing);

/// Whether all later calls in the process will fail with the same error.
bool IsSticky(cudaError_t error);

}  // namespace actium::cuda

/// Returns from the function with a status if a CUDA call fails.
#define ACTIUM_RETURN_IF_CUDA_ERROR(call, doing)                        \
  if (const cudaError_t cuda_error = (call); cuda_error != cudaSuccess) \
  return ::actium::cuda::ToStatus(cuda_error, doing)

#endif  // ACTIUM_SERVER_CUDA_STATUS_H_
