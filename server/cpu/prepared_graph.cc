#include "server/cpu/prepared_graph.h"

#include <cstring>
#include <utility>

#include "server/base/status_macros.h"
#include "server/cpu/layout.h"

namespace actium::cpu {
namespace {

using graph::Place;
using graph::PlanStep;
using graph::ValueId;

size_t At(ValueId id) { return static_cast<size_t>(id); }

}  // namespace

SharedGraph::SharedGraph(graph::Graph from) : graph(std::move(from)) {
  for (const graph::Node& node : graph.nodes()) nodes.push_back(ShareNode(graph, node));
}

absl::StatusOr<PreparedGraph> PreparedGraph::Make(std::shared_ptr<const SharedGraph> shared,
                                                  int rows, int threads) {
  PreparedGraph prepared(std::move(shared), rows);
  const graph::Graph& graph = prepared.shared_->graph;
  std::vector<std::unique_ptr<NodeRun>> runs;
  std::vector<size_t> scratch_bytes;
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    ACTIUM_ASSIGN_OR_RETURN(runs.emplace_back(), NewNodeRun({.graph = graph,
                                                             .node = graph.nodes()[i],
                                                             .shared = prepared.shared_->nodes[i],
                                                             .rows = rows,
                                                             .threads = threads}));
    scratch_bytes.push_back(runs.back()->scratch_bytes());
  }
  ACTIUM_ASSIGN_OR_RETURN(prepared.plan_,
                          graph::MakePlan(graph, {.rows = rows, .scratch_bytes = scratch_bytes}));
  for (const PlanStep& step : prepared.plan_.steps) {
    Step& made = prepared.steps_.emplace_back();
    if (step.kind != PlanStep::Kind::kRun) continue;
    const auto index = static_cast<size_t>(step.index);
    made.run = std::move(runs[index]);
    made.pointers.resize(graph.nodes()[index].inputs.size());
  }
  prepared.input_index_.resize(graph.values().size());
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    prepared.input_index_[At(graph.inputs()[i])] = i;
  }
  return prepared;
}

std::string PreparedGraph::algorithm(size_t step) const {
  return steps_[step].run == nullptr ? "" : steps_[step].run->algorithm();
}

std::byte* PreparedGraph::Find(ValueId id, const Slot& slot, std::byte* arena) const {
  const Place& place = plan_.places[At(id)];
  if (place.kind == Place::Kind::kInput) return slot.input(input_index_[At(id)]);
  return place.kind == Place::Kind::kArena ? arena + place.offset : nullptr;
}

absl::Status PreparedGraph::RunNode(size_t step, const Slot& slot, std::byte* arena) {
  const graph::Node& node = shared_->graph.nodes()[static_cast<size_t>(plan_.steps[step].index)];
  std::vector<const std::byte*>& pointers = steps_[step].pointers;
  for (size_t i = 0; i < pointers.size(); ++i) pointers[i] = Find(node.inputs[i], slot, arena);
  return steps_[step].run->Run({.inputs = pointers,
                                .output = Find(node.output, slot, arena),
                                .scratch = arena + plan_.steps[step].scratch});
}

void PreparedGraph::Store(size_t output, const Slot& slot, std::byte* arena) const {
  const ValueId id = shared_->graph.outputs()[output];
  const Place& place = plan_.places[At(id)];
  const std::byte* const from = Find(id, slot, arena);
  if (place.kind == Place::Kind::kInput) {
    std::memcpy(slot.output(output), from, place.bytes);
    return;
  }
  FromStored(reinterpret_cast<const float*>(from), reinterpret_cast<float*>(slot.output(output)),
             rows_, shared_->graph.value(id).shape);
}

absl::Status PreparedGraph::RunStep(size_t step, const Slot& slot, std::byte* arena) {
  const auto index = static_cast<size_t>(plan_.steps[step].index);
  switch (plan_.steps[step].kind) {
    case PlanStep::Kind::kLoad: {
      const ValueId id = shared_->graph.inputs()[index];
      ToStored(reinterpret_cast<const float*>(slot.input(index)),
               reinterpret_cast<float*>(Find(id, slot, arena)), rows_,
               shared_->graph.value(id).shape);
      return absl::OkStatus();
    }
    case PlanStep::Kind::kRun:
      return RunNode(step, slot, arena);
    case PlanStep::Kind::kStore:
      Store(index, slot, arena);
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status PreparedGraph::Run(const Slot& slot, std::byte* arena,
                                std::span<std::chrono::nanoseconds> times) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point before = times.empty() ? Clock::time_point() : Clock::now();
  for (size_t i = 0; i < steps_.size(); ++i) {
    ACTIUM_RETURN_IF_ERROR(RunStep(i, slot, arena));
    if (times.empty()) continue;
    const Clock::time_point after = Clock::now();
    times[i] = after - std::exchange(before, after);
  }
  return absl::OkStatus();
}

}  // namespace actium::cpu
