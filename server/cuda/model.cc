#include "server/cuda/model.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "server/base/mutex.h"
#include "server/cuda/repeated_work.h"
#include "server/cuda/status.h"
#include "server/cuda/tuner.h"

namespace actium::cuda {

absl::StatusOr<std::shared_ptr<const Model>> Model::Make(graph::Graph graph,
                                                         const ModelSpec& spec) {
  ACTIUM_RETURN_IF_ERROR(UseDevice(spec.device));
  ACTIUM_ASSIGN_OR_RETURN(auto shared, SharedGraph::Make(std::move(graph), spec.arithmetics));
  std::shared_ptr<Model> model(new Model(spec.device, std::move(shared)));
  // Two that measure at once would disturb each other's times, and write over what the other found.
  static base::Mutex tuning;
  base::MutexLock lock(tuning);
  ACTIUM_ASSIGN_OR_RETURN(Tuner tuner, Tuner::Make(spec.device, spec.tune, spec.tuning_cache));
  for (const int rows : spec.batch_sizes) {
    ACTIUM_ASSIGN_OR_RETURN(
        PlannedRun run,
        PlannedRun::Make(model->shared_, rows,
                         [&](const ContractionShape& shape, const Arithmetics& arithmetics) {
                           return tuner.Choose(shape, arithmetics);
                         }));
    model->runs_.emplace(rows, std::move(run));
  }
  ACTIUM_RETURN_IF_ERROR(tuner.Save());
  return model;
}

Model::~Model() { UseDeviceToFree(device_); }

size_t BytesOutside(const graph::Graph& graph, graph::ValueId id, int rows) {
  const graph::Value& value = graph.value(id);
  return static_cast<size_t>(rows) * static_cast<size_t>(tensor::Elements(value.shape)) *
         tensor::ElementBytes(value.dtype);
}

absl::StatusOr<DeviceBuffers> DeviceBuffers::Make(const Model& model, int rows) {
  DeviceBuffers buffers;
  const auto make = [&](std::span<const graph::ValueId> ids,
                        std::vector<DeviceMemory>& memories) -> absl::Status {
    for (const graph::ValueId id : ids) {
      const size_t bytes = BytesOutside(model.graph(), id, rows);
      ACTIUM_ASSIGN_OR_RETURN(DeviceMemory memory,
                              NewDeviceMemory(bytes, "a batch's inputs and outputs"));
      memories.push_back(std::move(memory));
    }
    return absl::OkStatus();
  };
  ACTIUM_RETURN_IF_ERROR(make(model.graph().inputs(), buffers.inputs));
  ACTIUM_RETURN_IF_ERROR(make(model.graph().outputs(), buffers.outputs));
  size_t arena_bytes = 0;
  for (const auto& [planned, run] : model.runs()) {
    if (planned <= rows) arena_bytes = std::max(arena_bytes, run.plan().arena_bytes);
  }
  ACTIUM_ASSIGN_OR_RETURN(buffers.arena, NewDeviceMemory(arena_bytes, "a batch's working memory"));
  return buffers;
}

absl::StatusOr<std::vector<int64_t>> Model::TimeSteps(int rows) const {
  const auto run = runs_.find(rows);
  if (run == runs_.end()) {
    return absl::InvalidArgumentError(fmt::format("there is no plan for {} rows", rows));
  }
  ACTIUM_RETURN_IF_ERROR(UseDevice(device_));
  ACTIUM_ASSIGN_OR_RETURN(const DeviceBuffers buffers, DeviceBuffers::Make(*this, rows));
  ACTIUM_ASSIGN_OR_RETURN(const Stream stream, NewStream());
  for (size_t i = 0; i < buffers.inputs.size(); ++i) {
    ACTIUM_RETURN_IF_CUDA_ERROR(
        cudaMemsetAsync(buffers.inputs[i].get(), 0,
                        BytesOutside(graph(), graph().inputs()[i], rows), stream.get()),
        "clearing an input");
  }
  std::vector<int64_t> nanoseconds;
  for (size_t i = 0; i < run->second.plan().steps.size(); ++i) {
    ACTIUM_ASSIGN_OR_RETURN(RepeatedWork step, RepeatedWork::Make(stream.get(), [&] {
                              return run->second.EnqueueStep(i, buffers.memory(), stream.get());
                            }));
    ACTIUM_ASSIGN_OR_RETURN(const float milliseconds, step.Milliseconds());
    nanoseconds.push_back(static_cast<int64_t>(double{milliseconds} * 1e6));
  }
  return nanoseconds;
}

}  // namespace actium::cuda
