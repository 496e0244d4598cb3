#include "server/cuda/slot.h"

#include <chrono>
#include <utility>

#include "fmt/format.h"
#include "server/cuda/capture.h"
#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

// A thread that sleeps until the device is done wakes some ten microseconds later, which is as much
// as a batch of a small model takes.
constexpr std::chrono::microseconds kAwake(50);

cudaError_t WaitFor(cudaEvent_t event) {
  const auto until = std::chrono::steady_clock::now() + kAwake;
  cudaError_t asked = cudaSuccess;
  do {
    asked = cudaEventQuery(event);
    if (asked == cudaErrorNotReady) cudaGetLastError();  // It is none; no later call shall find it.
  } while (asked == cudaErrorNotReady && std::chrono::steady_clock::now() < until);
  return asked == cudaErrorNotReady ? cudaEventSynchronize(event) : asked;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Slot>> Slot::Make(std::shared_ptr<const Model> model) {
  ACTIUM_RETURN_IF_ERROR(UseDevice(model->device()));
  std::unique_ptr<Slot> slot(new Slot(std::move(model)));
  ACTIUM_RETURN_IF_ERROR(slot->Allocate());
  for (const auto& [rows, run] : slot->model_->runs()) {
    ACTIUM_ASSIGN_OR_RETURN(GraphExec graph, CaptureGraph(slot->stream_.get(), [&] {
                              return slot->EnqueueAll(rows, run);
                            }));
    slot->graphs_.emplace(rows, std::move(graph));
  }
  return slot;
}

Slot::~Slot() { UseDeviceToFree(model_->device()); }

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
  ACTIUM_RETURN_IF_CUDA_ERROR(WaitFor(end_.get()), "running on the GPU");
  float milliseconds = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()),
                              "running on the GPU");
  return static_cast<int64_t>(double{milliseconds} * 1e6);
}

}  // namespace actium::cuda
