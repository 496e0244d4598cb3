#include "server/cuda/capture.h"

#include "server/cuda/status.h"

namespace actium::cuda {

absl::StatusOr<GraphExec> CaptureGraph(cudaStream_t stream,
                                       const std::function<absl::Status()>& enqueue) {
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                              "beginning a CUDA graph");
  const absl::Status enqueued = enqueue();
  // Also after an error, or the stream would stay in capture mode.
  cudaGraph_t captured = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &captured);
  const CapturedGraph graph(captured);
  ACTIUM_RETURN_IF_ERROR(enqueued);
  ACTIUM_RETURN_IF_CUDA_ERROR(ended, "ending a CUDA graph");
  cudaGraphExec_t made = nullptr;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGraphInstantiate(&made, graph.get(), 0), "making a CUDA graph");
  return GraphExec(made);
}

}  // namespace actium::cuda
