#ifndef ACTIUM_SERVER_CUDA_DEVICE_H_
#define ACTIUM_SERVER_CUDA_DEVICE_H_

#include "absl/status/statusor.h"

/// Which GPUs there are, and whether they can be used. Thread-safe.
namespace actium::cuda {

/// Errors: FAILED_PRECONDITION if there is no driver, or it is too old; says which.
absl::StatusOr<int> CountDevices();

/// A device is healthy until an error has made it unusable for the rest of the process's life.
bool IsHealthy(int device);
void MarkUnhealthy(int device);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_DEVICE_H_
