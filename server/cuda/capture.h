#ifndef ACTIUM_SERVER_CUDA_CAPTURE_H_
#define ACTIUM_SERVER_CUDA_CAPTURE_H_

#include <functional>

#include "absl/status/statusor.h"
#include "server/cuda/resources.h"

namespace actium::cuda {

/// Returns a CUDA graph of what `enqueue` puts into a stream; nothing of it runs. Other threads may
/// go on to use CUDA. Errors: those of enqueue; INTERNAL, UNAVAILABLE.
absl::StatusOr<GraphExec> CaptureGraph(cudaStream_t stream,
                                       const std::function<absl::Status()>& enqueue);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_CAPTURE_H_
