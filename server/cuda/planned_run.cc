#include "server/cuda/planned_run.h"

#include <utility>

#include "fmt/format.h"
#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

using graph::Place;
using graph::PlanStep;
using graph::ValueId;

size_t At(ValueId id) { return static_cast<size_t>(id); }

}  // namespace

absl::StatusOr<std::shared_ptr<const SharedGraph>> SharedGraph::Make(graph::Graph graph,
                                                                     Arithmetics arithmetics) {
  auto shared = std::make_shared<SharedGraph>();
  shared->graph = std::move(graph);
  shared->arithmetics = arithmetics;
  for (const graph::Node& node : shared->graph.nodes()) {
    ACTIUM_ASSIGN_OR_RETURN(NodeShared of_node,
                            ShareNode(shared->graph, node, arithmetics, shared->pool));
    shared->nodes.push_back(std::move(of_node));
  }
  ACTIUM_RETURN_IF_ERROR(shared->pool.Upload());
  return shared;
}

absl::StatusOr<PlannedRun> PlannedRun::Make(std::shared_ptr<const SharedGraph> shared, int rows,
                                            const ChooseKernel& choose) {
  PlannedRun run(std::move(shared), rows);
  const graph::Graph& graph = run.shared_->graph;
  const Arithmetics arithmetics = run.shared_->arithmetics;
  std::vector<size_t> scratch_bytes;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const ContractionKernel* kernel = nullptr;
    if (const auto shape = ContractionOf(graph, graph.nodes()[i], rows); shape.has_value()) {
      ACTIUM_ASSIGN_OR_RETURN(kernel, choose(*shape, arithmetics));
    }
    run.kernels_.push_back(kernel);
    ACTIUM_ASSIGN_OR_RETURN(NodeLaunch launch, MakeLaunch({.graph = graph,
                                                           .node = graph.nodes()[i],
                                                           .shared = run.shared_->nodes[i],
                                                           .pool = run.shared_->pool,
                                                           .arithmetics = arithmetics,
                                                           .rows = rows,
                                                           .kernel = kernel}));
    scratch_bytes.push_back(launch.scratch_bytes);
    run.launches_.push_back(std::move(launch));
  }
  ACTIUM_ASSIGN_OR_RETURN(run.plan_,
                          graph::MakePlan(graph, {.rows = rows,
                                                  .scratch_bytes = scratch_bytes,
                                                  .number_bytes = BytesOf(arithmetics.storage)}));
  run.input_index_.resize(graph.values().size());
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    run.input_index_[At(graph.inputs()[i])] = i;
  }
  return run;
}

std::string_view PlannedRun::algorithm(size_t step) const {
  const PlanStep& planned = plan_.steps[step];
  if (planned.kind != PlanStep::Kind::kRun) return "";
  const ContractionKernel* const kernel = kernels_[static_cast<size_t>(planned.index)];
  return kernel == nullptr ? "" : kernel->name;
}

std::byte* PlannedRun::Find(ValueId id, const RunMemory& memory) const {
  const Place& place = plan_.places[At(id)];
  if (place.kind == Place::Kind::kInput) return memory.inputs[input_index_[At(id)]].get();
  return place.kind == Place::Kind::kArena ? memory.arena + place.offset : nullptr;
}

cudaError_t PlannedRun::Load(size_t input, const RunMemory& memory, cudaStream_t stream) const {
  const ValueId id = shared_->graph.inputs()[input];
  return RunLoad(tensor::DType::kFp32, memory.inputs[input].get(), shared_->arithmetics.storage,
                 Find(id, memory), LayoutOf(shared_->graph.value(id).shape), rows_, stream);
}

cudaError_t PlannedRun::Run(size_t step, const RunMemory& memory, cudaStream_t stream) const {
  const auto index = static_cast<size_t>(plan_.steps[step].index);
  const graph::Node& node = shared_->graph.nodes()[index];
  std::vector<const void*> inputs;
  inputs.reserve(node.inputs.size());
  for (const ValueId input : node.inputs) inputs.push_back(Find(input, memory));
  return launches_[index].enqueue({.inputs = inputs,
                                   .output = Find(node.output, memory),
                                   .scratch = memory.arena + plan_.steps[step].scratch},
                                  stream);
}

cudaError_t PlannedRun::Store(size_t output, const RunMemory& memory, cudaStream_t stream) const {
  const ValueId id = shared_->graph.outputs()[output];
  const Place& place = plan_.places[At(id)];
  std::byte* const to = memory.outputs[output].get();
  if (place.kind == Place::Kind::kInput) {
    return cudaMemcpyAsync(to, Find(id, memory), place.bytes, cudaMemcpyDeviceToDevice, stream);
  }
  return RunStore(shared_->arithmetics.storage, Find(id, memory),
                  LayoutOf(shared_->graph.value(id).shape), reinterpret_cast<float*>(to), rows_,
                  stream);
}

absl::Status PlannedRun::EnqueueStep(size_t step, const RunMemory& memory,
                                     cudaStream_t stream) const {
  const auto index = static_cast<size_t>(plan_.steps[step].index);
  switch (plan_.steps[step].kind) {
    case PlanStep::Kind::kLoad:
      return ToStatus(Load(index, memory, stream), "reading an input");
    case PlanStep::Kind::kRun: {
      const cudaError_t error = Run(step, memory, stream);
      if (error == cudaSuccess) return absl::OkStatus();
      const ValueId result = shared_->graph.nodes()[index].output;
      return ToStatus(error, fmt::format("launching {}", shared_->graph.value(result).name));
    }
    case PlanStep::Kind::kStore:
      return ToStatus(Store(index, memory, stream), "writing an output");
  }
  return absl::OkStatus();
}

absl::Status PlannedRun::Enqueue(const RunMemory& memory, cudaStream_t stream) const {
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(EnqueueStep(i, memory, stream));
  }
  return absl::OkStatus();
}

}  // namespace actium::cuda
