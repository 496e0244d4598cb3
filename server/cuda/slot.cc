#include "server/cuda/slot.h"

#include <utility>

#include "fmt/format.h"
#include "server/cuda/status.h"

namespace actium::cuda {

absl::StatusOr<std::unique_ptr<Slot>> Slot::Make(std::shared_ptr<const Model> model) {
  ACTIUM_RETURN_IF_ERROR(UseDevice(model->device()));
  std::unique_ptr<Slot> slot(new Slot(std::move(model)));
  ACTIUM_RETURN_IF_ERROR(slot->Allocate());
  for (const auto& [rows, run] : slot->model_->runs()) {
    ACTIUM_RETURN_IF_ERROR(slot->Capture(rows, run));
  }
  return slot;
}

absl::Status Slot::Allocate() {
  const int rows = model_->most_rows();
  ACTIUM_ASSIGN_OR_RETURN(buffers_, DeviceBuffers::Make(*model_, rows));
  const auto pin = [&](std::span<const graph::ValueId> ids,
                       std::vector<PinnedMemory>& memories) -> absl::Status {
    for (const graph::ValueId id : ids) {
      ACTIUM_ASSIGN_OR_RETURN(
          PinnedMemory memory,
          NewPinnedMemory(BytesOutside(model_->graph(), id, rows), "a batch's inputs and outputs"));
      memories.push_back(std::move(memory));
    }
    return absl::OkStatus();
  };
  ACTIUM_RETURN_IF_ERROR(pin(model_->graph().inputs(), host_inputs_));
  ACTIUM_RETURN_IF_ERROR(pin(model_->graph().outputs(), host_outputs_));
  ACTIUM_ASSIGN_OR_RETURN(stream_, NewStream());
  ACTIUM_ASSIGN_OR_RETURN(begin_, NewEvent(/*timed=*/true));
  ACTIUM_ASSIGN_OR_RETURN(end_, NewEvent(/*timed=*/true));
  return absl::OkStatus();
}

absl::Status Slot::EnqueueAll(int rows, const PlannedRun& run) {
  const graph::Graph& graph = model_->graph();
  for (size_t i = 0; i < host_inputs_.size(); ++i) {
    ACTIUM_RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(buffers_.inputs[i].get(), input(i),
                                                BytesOutside(graph, graph.inputs()[i], rows),
                                                cudaMemcpyHostToDevice, stream_.get()),
                                "copying an input");
  }
  ACTIUM_RETURN_IF_ERROR(run.Enqueue(buffers_.memory(), stream_.get()));
  for (size_t i = 0; i < host_outputs_.size(); ++i) {
    ACTIUM_RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(output(i), buffers_.outputs[i].get(),
                                                BytesOutside(graph, graph.outputs()[i], rows),
                                                cudaMemcpyDeviceToHost, stream_.get()),
                                "copying an output");
  }
  return absl::OkStatus();
}

absl::Status Slot::Capture(int rows, const PlannedRun& run) {
  ACTIUM_RETURN_IF_CUDA_ERROR(
      cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeThreadLocal),
      "beginning a CUDA graph");
  const absl::Status enqueued = EnqueueAll(rows, run);
  // Also after an error, or the stream would stay in capture mode.
  cudaGraph_t captured = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream_.get(), &captured);
  const CapturedGraph graph(captured);
  ACTIUM_RETURN_IF_ERROR(enqueued);
  ACTIUM_RETURN_IF_CUDA_ERROR(ended, "ending a CUDA graph");
  cudaGraphExec_t made = nullptr;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGraphInstantiate(&made, graph.get(), 0), "making a CUDA graph");
  graphs_.emplace(rows, GraphExec(made));
  return absl::OkStatus();
}

absl::Status Slot::Start(int rows) {
  const auto graph = graphs_.find(rows);
  if (graph == graphs_.end()) {
    return absl::InternalError(fmt::format("there is no plan for {} rows", rows));
  }
  ACTIUM_RETURN_IF_ERROR(UseDevice(model_->device()));
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(begin_.get(), stream_.get()), "starting a run");
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGraphLaunch(graph->second.get(), stream_.get()),
                              "starting a run");
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(end_.get(), stream_.get()), "starting a run");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Slot::Wait() {
  ACTIUM_RETURN_IF_ERROR(UseDevice(model_->device()));
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventSynchronize(end_.get()), "running on the GPU");
  float milliseconds = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()),
                              "running on the GPU");
  return static_cast<int64_t>(double{milliseconds} * 1e6);
}

}  // namespace actium::cuda
