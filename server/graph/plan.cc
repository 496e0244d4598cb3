#include "server/graph/plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/tensor/aligned_memory.h"

namespace actium::graph {
namespace {

constexpr size_t kMostArenaBytes = size_t{1} << 40;
constexpr int kNoBuffer = -1;

// Memory of the arena that one value, or several that share it, have from one step to another.
struct Buffer {
  size_t bytes = 0;
  int first = 0;
  int last = 0;
  size_t offset = 0;
};

class Planner {
 public:
  Planner(const Graph& graph, const PlanOptions& options)
      : graph_(graph),
        options_(options),
        last_use_(graph.values().size(), -1),
        buffer_of_(graph.values().size(), kNoBuffer) {}

  absl::StatusOr<Plan> Make() {
    plan_.rows = options_.rows;
    plan_.places.resize(graph_.values().size());
    ListSteps();
    FindLastUses();
    ACTIUM_RETURN_IF_ERROR(AssignBuffers());
    ACTIUM_RETURN_IF_ERROR(Pack());
    SetPlaces();
    return std::move(plan_);
  }

 private:
  static size_t At(ValueId id) { return static_cast<size_t>(id); }
  const Node& node(const PlanStep& step) const {
    return graph_.nodes()[static_cast<size_t>(step.index)];
  }

  void ListSteps();
  void FindLastUses();
  absl::Status AssignBuffers();
  absl::Status NewBuffer(ValueId id, int step);
  absl::Status AddScratch(int step);
  std::optional<int> ReusedBuffer(const Node& node, int step) const;
  bool MayShare(const Node& node, int buffer, int step) const;
  absl::Status Pack();
  void SetPlaces();

  absl::StatusOr<size_t> BytesOf(ValueId id) const;

  const Graph& graph_;
  const PlanOptions& options_;
  std::vector<int> last_use_;   // The last step that reads a value; -1: nobody does.
  std::vector<int> buffer_of_;  // By value.
  std::vector<Buffer> buffers_;
  std::vector<int> scratch_of_;  // By step.
  Plan plan_;
};

void Planner::ListSteps() {
  const std::vector<bool> live = graph_.LiveValues();
  for (int i = 0; i < std::ssize(graph_.inputs()); ++i) {
    const ValueId id = graph_.inputs()[static_cast<size_t>(i)];
    const Value& value = graph_.value(id);
    if (!live[At(id)]) continue;
    // What is no float is read by casts and outputs only, and those read it as it comes.
    const bool as_it_comes =
        IsStoredRowMajor(value.shape) && options_.number_bytes == sizeof(float);
    if (value.dtype != tensor::DType::kFp32 || as_it_comes) {
      plan_.places[At(id)].kind = Place::Kind::kInput;
    } else {
      plan_.steps.push_back({.kind = PlanStep::Kind::kLoad, .index = i, .scratch = 0});
    }
  }
  for (int i = 0; i < std::ssize(graph_.nodes()); ++i) {
    if (!live[At(graph_.nodes()[static_cast<size_t>(i)].output)]) continue;
    plan_.steps.push_back({.kind = PlanStep::Kind::kRun, .index = i, .scratch = 0});
  }
  for (int i = 0; i < std::ssize(graph_.outputs()); ++i) {
    plan_.steps.push_back({.kind = PlanStep::Kind::kStore, .index = i, .scratch = 0});
  }
}

void Planner::FindLastUses() {
  for (int i = 0; i < std::ssize(plan_.steps); ++i) {
    const PlanStep& step = plan_.steps[static_cast<size_t>(i)];
    if (step.kind == PlanStep::Kind::kStore) {
      last_use_[At(graph_.outputs()[static_cast<size_t>(step.index)])] = i;
    } else if (step.kind == PlanStep::Kind::kRun) {
      for (const ValueId input : node(step).inputs) last_use_[At(input)] = i;
    }
  }
}

absl::StatusOr<size_t> Planner::BytesOf(ValueId id) const {
  const Value& value = graph_.value(id);
  const size_t number_bytes = value.dtype == tensor::DType::kFp32
                                  ? options_.number_bytes
                                  : tensor::ElementBytes(value.dtype);
  const auto of_row = tensor::ElementCount(value.shape);
  size_t bytes = 0;
  if (of_row.has_value() && !__builtin_mul_overflow(*of_row, number_bytes, &bytes) &&
      !__builtin_mul_overflow(bytes, static_cast<size_t>(options_.rows), &bytes) &&
      bytes <= kMostArenaBytes) {
    return bytes;
  }
  return absl::ResourceExhaustedError(fmt::format("{}: {} rows have more than {} bytes", value.name,
                                                  options_.rows, kMostArenaBytes));
}

absl::Status Planner::NewBuffer(ValueId id, int step) {
  ACTIUM_ASSIGN_OR_RETURN(const size_t bytes, BytesOf(id));
  buffer_of_[At(id)] = static_cast<int>(buffers_.size());
  buffers_.push_back({.bytes = bytes, .first = step, .last = std::max(step, last_use_[At(id)])});
  return absl::OkStatus();
}

absl::Status Planner::AddScratch(int step) {
  const PlanStep& planned = plan_.steps[static_cast<size_t>(step)];
  if (options_.scratch_bytes.empty() || planned.kind != PlanStep::Kind::kRun) {
    return absl::OkStatus();
  }
  const size_t bytes = options_.scratch_bytes[static_cast<size_t>(planned.index)];
  if (bytes > kMostArenaBytes) {
    return absl::ResourceExhaustedError(fmt::format("{} needs more than {} bytes of scratch memory",
                                                    graph_.value(node(planned).output).name,
                                                    kMostArenaBytes));
  }
  if (bytes == 0) return absl::OkStatus();
  scratch_of_[static_cast<size_t>(step)] = static_cast<int>(buffers_.size());
  buffers_.push_back({.bytes = bytes, .first = step, .last = step});
  return absl::OkStatus();
}

// Whether a node's result may lie where one of its inputs lies.
bool Planner::MayShare(const Node& node, int buffer, int step) const {
  if (std::holds_alternative<Pointwise>(node.op)) {
    // Nobody may read what is overwritten, by whatever name.
    return buffers_[static_cast<size_t>(buffer)].last == step;
  }
  // The same bytes by another name; who reads the first name later reads the same.
  return std::holds_alternative<Reshape>(node.op) &&
         IsStoredRowMajor(graph_.value(node.inputs[0]).shape) &&
         IsStoredRowMajor(graph_.value(node.output).shape);
}

std::optional<int> Planner::ReusedBuffer(const Node& node, int step) const {
  for (const ValueId input : node.inputs) {
    const int buffer = buffer_of_[At(input)];
    if (buffer != kNoBuffer && MayShare(node, buffer, step)) return buffer;
  }
  return std::nullopt;
}

absl::Status Planner::AssignBuffers() {
  scratch_of_.assign(plan_.steps.size(), kNoBuffer);
  for (int i = 0; i < std::ssize(plan_.steps); ++i) {
    const PlanStep& step = plan_.steps[static_cast<size_t>(i)];
    if (step.kind == PlanStep::Kind::kStore) continue;
    if (step.kind == PlanStep::Kind::kLoad) {
      ACTIUM_RETURN_IF_ERROR(NewBuffer(graph_.inputs()[static_cast<size_t>(step.index)], i));
      continue;
    }
    ACTIUM_RETURN_IF_ERROR(AddScratch(i));
    const ValueId output = node(step).output;
    const std::optional<int> reused = ReusedBuffer(node(step), i);
    if (!reused.has_value()) {
      ACTIUM_RETURN_IF_ERROR(NewBuffer(output, i));
      continue;
    }
    buffer_of_[At(output)] = *reused;
    int& last = buffers_[static_cast<size_t>(*reused)].last;
    last = std::max(last, last_use_[At(output)]);
  }
  return absl::OkStatus();
}

// Goes through time and gives every buffer the first gap between those that live.
absl::Status Planner::Pack() {
  std::vector<Buffer*> living;  // By offset.
  std::vector<Buffer*> by_first;
  for (Buffer& buffer : buffers_) by_first.push_back(&buffer);
  std::ranges::stable_sort(by_first, {}, [](const Buffer* buffer) { return buffer->first; });
  for (Buffer* buffer : by_first) {
    std::erase_if(living, [&](const Buffer* other) { return other->last < buffer->first; });
    const size_t bytes = tensor::RoundUp(buffer->bytes);
    size_t offset = 0;
    auto next = living.begin();
    for (; next != living.end() && (*next)->offset < offset + bytes; ++next) {
      offset = (*next)->offset + (*next)->bytes;
    }
    buffer->offset = offset;
    buffer->bytes = bytes;
    living.insert(next, buffer);
    plan_.arena_bytes = std::max(plan_.arena_bytes, offset + bytes);
    if (plan_.arena_bytes > kMostArenaBytes) {
      return absl::ResourceExhaustedError(fmt::format("a batch of {} rows needs more than {} bytes",
                                                      options_.rows, kMostArenaBytes));
    }
  }
  return absl::OkStatus();
}

void Planner::SetPlaces() {
  for (size_t id = 0; id < buffer_of_.size(); ++id) {
    const auto bytes = BytesOf(static_cast<ValueId>(id));
    if (plan_.places[id].kind == Place::Kind::kInput) plan_.places[id].bytes = bytes.value_or(0);
    if (buffer_of_[id] == kNoBuffer) continue;
    plan_.places[id] = {.kind = Place::Kind::kArena,
                        .offset = buffers_[static_cast<size_t>(buffer_of_[id])].offset,
                        .bytes = bytes.value_or(0)};
  }
  for (size_t i = 0; i < plan_.steps.size(); ++i) {
    if (scratch_of_[i] == kNoBuffer) continue;
    plan_.steps[i].scratch = buffers_[static_cast<size_t>(scratch_of_[i])].offset;
  }
}

}  // namespace

bool IsStoredRowMajor(const tensor::Shape& row) {
  return row.size() != 3 || row[0] == 1 || row[1] * row[2] == 1;
}

tensor::Shape StoredShape(const tensor::Shape& row) {
  return row.size() == 3 ? tensor::Shape{row[1], row[2], row[0]} : row;
}

int StoredAxis(const tensor::Shape& row, int axis) {
  return row.size() == 3 ? (axis + 2) % 3 : axis;
}

Around SplitAt(const tensor::Shape& row, int axis) {
  const tensor::Shape stored = StoredShape(row);
  const auto at = static_cast<size_t>(StoredAxis(row, axis));
  return {tensor::Product(stored, 0, at), stored[at],
          tensor::Product(stored, at + 1, stored.size())};
}

absl::StatusOr<Plan> MakePlan(const Graph& graph, const PlanOptions& options) {
  ACTIUM_CHECK(options.rows >= 1);
  return Planner(graph, options).Make();
}

}  // namespace actium::graph
