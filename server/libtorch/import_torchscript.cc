#include "server/libtorch/import_torchscript.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/import_context.h"
#include "torch/csrc/jit/ir/ir.h"

namespace actium::libtorch {
namespace {

using graph::ValueId;
using torch::jit::Node;
using torch::jit::Value;

constexpr size_t kMostNodes = 20'000;

// Numbers and lists are looked up by the operations that take them.
bool MakesNoTensor(const Node& node) {
  const std::string_view kind = node.kind().toQualString();
  return kind == "prim::Constant" || kind == "prim::ListConstruct" ||
         kind == "prim::TupleConstruct" || kind == "aten::Int" || kind == "prim::NumToTensor" ||
         MakesFact(node);
}

absl::Status AddInputs(ImportContext& context, const torch::jit::Graph& forward,
                       const ProgramBinding& binding) {
  graph::Graph& graph = context.graph();
  std::vector<ValueId> inputs;
  for (const tensor::TensorSpec& input : binding.inputs) {
    ACTIUM_ASSIGN_OR_RETURN(
        inputs.emplace_back(),
        graph.AddInput(graph.FreeName(GraphName(input.name)), input.dtype, input.shape));
  }
  if (forward.inputs().size() < binding.arguments.size() + 1) {
    return absl::UnimplementedError("the program has too few arguments");
  }
  for (size_t i = 0; i < binding.arguments.size(); ++i) {
    // The first one is the module itself.
    context.SetArgument(*forward.inputs()[i + 1],
                        inputs[static_cast<size_t>(binding.arguments[i])]);
  }
  return absl::OkStatus();
}

// The tensors that the program returns, as arguments of a node.
const Node& ResultsOf(const torch::jit::Graph& forward) {
  const Node& last = *forward.return_node();
  const Node& maker = *last.input(0)->node();
  const bool several =
      maker.kind() == c10::prim::TupleConstruct || maker.kind() == c10::prim::ListConstruct;
  return several ? maker : last;
}

absl::Status SetOutputs(ImportContext& context, const Node& results, std::span<const int> wanted) {
  std::vector<ValueId> outputs;
  for (const int result : wanted) {
    ACTIUM_ASSIGN_OR_RETURN(outputs.emplace_back(),
                            context.Tensor(results, static_cast<size_t>(result)));
    const graph::Value& value = context.graph().value(outputs.back());
    const auto inputs = context.graph().inputs();
    if (value.constant != nullptr || std::ranges::find(inputs, outputs.back()) != inputs.end()) {
      return absl::UnimplementedError(fmt::format("result {} is not computed", result));
    }
  }
  return context.graph().SetOutputs(std::move(outputs));
}

absl::Status InNode(const Node& node, const absl::Status& status) {
  if (status.ok() || absl::IsResourceExhausted(status)) return status;
  return CannotImport(node, std::string(status.message()));
}

absl::Status ImportBlock(ImportContext& context, const torch::jit::Block& block, size_t& nodes);

// Imports the branch that is taken, which must be known.
absl::Status ImportBranch(ImportContext& context, const Node& node, size_t& nodes) {
  const absl::StatusOr<bool> condition = context.Flag(node, 0);
  if (!condition.ok()) return InNode(node, Refuse("what it depends on is known only in a run"));
  const torch::jit::Block& taken = *node.blocks()[*condition ? 0 : 1];
  ACTIUM_RETURN_IF_ERROR(ImportBlock(context, taken, nodes));
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    context.SetSame(*node.outputs()[i], *taken.outputs()[i]);
  }
  return absl::OkStatus();
}

absl::Status ImportBlock(ImportContext& context, const torch::jit::Block& block, size_t& nodes) {
  for (const Node* node : block.nodes()) {
    if (++nodes > kMostNodes) {
      return absl::ResourceExhaustedError(
          fmt::format("a program may have {} operations", kMostNodes));
    }
    if (MakesNoTensor(*node)) continue;
    if (node->kind() == c10::prim::If) {
      ACTIUM_RETURN_IF_ERROR(ImportBranch(context, *node, nodes));
    } else {
      ACTIUM_RETURN_IF_ERROR(InNode(*node, ImportOperation(context, *node)));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<graph::Graph> ImportTorchScript(const torch::jit::Graph& forward,
                                               const ProgramBinding& binding) {
  graph::Graph graph;
  ImportContext context(graph);
  ACTIUM_RETURN_IF_ERROR(AddInputs(context, forward, binding));
  size_t nodes = 0;
  ACTIUM_RETURN_IF_ERROR(ImportBlock(context, *forward.block(), nodes));
  const Node& results = ResultsOf(forward);
  ACTIUM_RETURN_IF_ERROR(InNode(results, SetOutputs(context, results, binding.results)));
  return graph;
}

}  // namespace actium::libtorch
