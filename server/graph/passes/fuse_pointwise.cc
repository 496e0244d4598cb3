#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/graph/passes.h"
#include "server/graph/program_builder.h"
#include "server/graph/rewriter.h"

namespace actium::graph {
namespace {

// Beyond this a chain is cut: its registers would no longer stay in the nearest cache.
constexpr size_t kMostInstructions = 64;

// The merged programs of a graph's pointwise nodes, by the nodes' outputs.
class Merged {
 public:
  explicit Merged(const Graph& graph)
      : uses_(graph.UseCounts()), programs_(graph.values().size()), absorbed_(programs_.size()) {
    for (const Node& node : graph.nodes()) {
      if (const auto* pointwise = std::get_if<Pointwise>(&node.op)) Merge(node, *pointwise);
    }
  }

  const ProgramBuilder& of(const Node& node) const { return programs_[Index(node.output)]; }
  bool absorbed(const Node& node) const { return absorbed_[Index(node.output)]; }

 private:
  static size_t Index(ValueId id) { return static_cast<size_t>(id); }

  // Whether the node may compute its input by itself.
  bool Takes(const ProgramBuilder& so_far, const Node& node, ValueId input) const {
    const ProgramBuilder& earlier = programs_[Index(input)];
    return earlier.instructions() > 0 &&
           std::ranges::count(node.inputs, input) == uses_[Index(input)] &&
           so_far.instructions() + earlier.instructions() < kMostInstructions;
  }

  void Merge(const Node& node, const Pointwise& pointwise) {
    ProgramBuilder merged;
    std::vector<ProgramBuilder::Register> registers;
    for (const ValueId input : node.inputs) {
      if (!Takes(merged, node, input)) {
        registers.push_back(merged.Input(input));
        continue;
      }
      const ProgramBuilder& earlier = programs_[Index(input)];
      std::vector<ProgramBuilder::Register> inner;
      for (const ValueId value : earlier.inputs()) inner.push_back(merged.Input(value));
      registers.push_back(merged.Add(earlier.Build(), inner));
      absorbed_[Index(input)] = true;
    }
    merged.Add(pointwise.program, registers);
    programs_[Index(node.output)] = std::move(merged);
  }

  const std::vector<int> uses_;
  std::vector<ProgramBuilder> programs_;
  std::vector<bool> absorbed_;
};

}  // namespace

absl::StatusOr<Graph> FusePointwise(const Graph& graph) {
  Rewriter rewriter(graph);
  ACTIUM_RETURN_IF_ERROR(rewriter.Begin());
  const Merged merged(graph);
  for (const Node& node : graph.nodes()) {
    if (!rewriter.live(node.output) || merged.absorbed(node)) continue;
    const ProgramBuilder& program = merged.of(node);
    if (program.instructions() == 0) {
      ACTIUM_RETURN_IF_ERROR(rewriter.Copy(node));
      continue;
    }
    ACTIUM_ASSIGN_OR_RETURN(std::vector<ValueId> inputs, rewriter.Of(program.inputs()));
    ACTIUM_RETURN_IF_ERROR(
        rewriter.Put(node.output, Pointwise{program.Build()}, std::move(inputs), node.source));
  }
  return rewriter.Finish();
}

}  // namespace actium::graph
