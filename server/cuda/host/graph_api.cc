// cudaStream*Capture*, cudaGraph*.

#include "server/cuda/host/call.h"
#include "server/cuda/host/runtime.h"

using namespace actium::cuda::host;  // NOLINT(google-build-using-namespace): CUDA's names are
                                     // global.

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return Call("cudaStreamBeginCapture", [&] {
    const std::shared_ptr<Stream> found = Runtime::Get().FindStream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    return Runtime::Get().BeginCapture(found, mode);
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return Call("cudaStreamEndCapture", [&] {
    if (graph == nullptr) return cudaErrorInvalidValue;
    const std::shared_ptr<Stream> found = Runtime::Get().FindStream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    return Runtime::Get().EndCapture(found, graph);
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return Call("cudaStreamIsCapturing", [&] {
    if (status == nullptr) return cudaErrorInvalidValue;
    const std::shared_ptr<Stream> found = Runtime::Get().FindStream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    *status = Runtime::Get().StatusOf(found);
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph,
                                 unsigned long long flags) {
  return Call("cudaGraphInstantiate", [&] {
    const std::shared_ptr<Graph> found = Runtime::Get().graphs.Find(graph);
    if (exec == nullptr || flags != 0) return cudaErrorInvalidValue;
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    *exec = Runtime::Get().execs.Add(std::make_shared<const Graph>(*found));
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
  return Call("cudaGraphLaunch", [&] {
    const std::shared_ptr<const Graph> found = Runtime::Get().execs.Find(exec);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    const std::shared_ptr<Stream> where = Runtime::Get().FindStream(stream);
    if (where == nullptr) return cudaErrorInvalidResourceHandle;
    return Runtime::Get().Submit(where, found->nodes);
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return Call("cudaGraphDestroy", [&] {
    return Runtime::Get().graphs.Remove(graph) != nullptr ? cudaSuccess
                                                          : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  return Call("cudaGraphExecDestroy", [&] {
    return Runtime::Get().execs.Remove(exec) != nullptr ? cudaSuccess
                                                        : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  return Call("cudaGraphGetNodes", [&] {
    const std::shared_ptr<Graph> found = Runtime::Get().graphs.Find(graph);
    if (count == nullptr) return cudaErrorInvalidValue;
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    if (nodes != nullptr) return cudaErrorNotSupported;
    *count = found->nodes.size();
    return cudaSuccess;
  });
}
