#include "server/graph/rewriter.h"

#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::graph {

Rewriter::Rewriter(const Graph& from)
    : from_(from), live_(from.LiveValues()), now_(from.values().size(), kNone) {}

absl::Status Rewriter::Begin() {
  for (const ValueId input : from_.inputs()) {
    const Value& value = from_.value(input);
    ACTIUM_ASSIGN_OR_RETURN(now_[static_cast<size_t>(input)],
                            to_.AddInput(value.name, value.dtype, value.shape));
  }
  return absl::OkStatus();
}

absl::StatusOr<ValueId> Rewriter::Of(ValueId old) {
  ValueId& now = now_[static_cast<size_t>(old)];
  if (now != kNone) return now;
  const Value& value = from_.value(old);
  if (value.constant == nullptr) {
    return absl::InternalError(fmt::format("{} was dropped, but is read", value.name));
  }
  ACTIUM_ASSIGN_OR_RETURN(now,
                          to_.AddConstant(to_.FreeName(value.name), value.shape, value.constant));
  return now;
}

absl::StatusOr<std::vector<ValueId>> Rewriter::Of(const std::vector<ValueId>& old) {
  std::vector<ValueId> now;
  for (const ValueId id : old) {
    ACTIUM_ASSIGN_OR_RETURN(now.emplace_back(), Of(id));
  }
  return now;
}

absl::Status Rewriter::Copy(const Node& node) {
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, Of(node.inputs));
  return Put(node.output, node.op, std::move(inputs), node.source);
}

absl::Status Rewriter::Put(ValueId old, Op op, std::vector<ValueId> inputs, std::string source) {
  ACTIUM_ASSIGN_OR_RETURN(const ValueId now,
                          to_.AddNode(to_.FreeName(from_.value(old).name), std::move(op),
                                      std::move(inputs), std::move(source)));
  Replace(old, now);
  return absl::OkStatus();
}

absl::StatusOr<Graph> Rewriter::Finish() {
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> outputs,
                          Of(std::vector<ValueId>(from_.outputs().begin(), from_.outputs().end())));
  ACTIUM_RETURN_IF_ERROR(to_.SetOutputs(std::move(outputs)));
  return std::move(to_);
}

}  // namespace actium::graph
