#ifndef ACTIUM_SERVER_LIBTORCH_IMPORT_CONTEXT_H_
#define ACTIUM_SERVER_LIBTORCH_IMPORT_CONTEXT_H_

// Internal to server/libtorch: what the importer of one TorchScript operation sees.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/graph.h"
#include "torch/csrc/jit/ir/ir.h"

namespace actium::libtorch {

/// In a list of sizes: the batch's, whatever it is.
inline constexpr int64_t kBatchSize = -2;

/// The graph so far, and where each tensor of the program is in it. Arguments are named by their
/// place in the operation's schema, from 0. Every error is UNIMPLEMENTED and says what the graph
/// cannot express.
class ImportContext {
 public:
  explicit ImportContext(graph::Graph& graph) : graph_(graph) {}

  graph::Graph& graph() { return graph_; }
  const tensor::Shape& row(graph::ValueId id) const { return graph_.value(id).shape; }

  /// Returns the graph's value of a tensor argument; a constant is added when first asked for.
  absl::StatusOr<graph::ValueId> Tensor(const torch::jit::Node& node, size_t argument);

  /// Returns a tensor or number argument as an operand that broadcasts to a row of this rank.
  absl::StatusOr<graph::ValueId> Operand(const torch::jit::Node& node, size_t argument,
                                         size_t row_rank);

  /// Return arguments that the program fixes: constants, a tensor's number of dimensions
  /// and their sizes but for the batch's, and comparisons of such integers.
  absl::StatusOr<at::Tensor> Weight(const torch::jit::Node& node, size_t argument) const;
  absl::StatusOr<double> Number(const torch::jit::Node& node, size_t argument) const;
  absl::StatusOr<int64_t> Integer(const torch::jit::Node& node, size_t argument) const;
  absl::StatusOr<bool> Flag(const torch::jit::Node& node, size_t argument) const;
  absl::StatusOr<std::string> Word(const torch::jit::Node& node, size_t argument) const;
  bool IsNone(const torch::jit::Node& node, size_t argument) const;

  /// Returns a list of integers that the program fixes.
  absl::StatusOr<std::vector<int64_t>> Integers(const torch::jit::Node& node,
                                                size_t argument) const;

  /// As Integers(), where kBatchSize stands for the size of a tensor's dimension 0.
  absl::StatusOr<std::vector<int64_t>> Sizes(const torch::jit::Node& node, size_t argument) const;

  /// Returns height and width from a list of two, or of one for both.
  absl::StatusOr<graph::Pair> Pair(const torch::jit::Node& node, size_t argument) const;

  /// Returns the dimension of a row that a dimension of the whole tensor is; `dimension` may count
  /// from the end. Errors: the batch's own, or none.
  static absl::StatusOr<int> RowAxis(int64_t dimension, size_t row_rank);

  /// Adds numbers under a name like this.
  absl::StatusOr<graph::ValueId> AddNumbers(std::string_view name, tensor::Shape shape,
                                            graph::Numbers numbers);
  absl::StatusOr<graph::ValueId> AddNumbers(std::string_view name, const at::Tensor& tensor);

  /// Adds an operation under the name of the node's result.
  absl::StatusOr<graph::ValueId> Add(const torch::jit::Node& node, graph::Op op,
                                     std::vector<graph::ValueId> inputs);

  /// Adds an operation and says that it is the node's result.
  absl::Status Put(const torch::jit::Node& node, graph::Op op, std::vector<graph::ValueId> inputs);

  /// Says that the node's result is this value. view: of another shape in the same memory as `of`.
  void SetResult(const torch::jit::Node& node, graph::ValueId id);
  void SetView(const torch::jit::Node& node, graph::ValueId id, graph::ValueId of);

  /// Says that a tensor of the program is another one, if that is known.
  void SetSame(const torch::jit::Value& value, const torch::jit::Value& other);

  /// Says which value an argument of the program is.
  void SetArgument(const torch::jit::Value& argument, graph::ValueId id);

  /// Lets all that hold the value `old` hold the node's result from now on: the node has written
  /// into its memory. Errors: a view of that memory is read later.
  absl::Status Overwrite(const torch::jit::Node& node, graph::ValueId old);

 private:
  std::optional<c10::IValue> Known(const torch::jit::Node& node, size_t argument) const;
  std::optional<c10::IValue> Fact(const torch::jit::Node& node) const;
  std::optional<c10::IValue> Rank(const torch::jit::Node& node) const;
  std::optional<c10::IValue> SizeOfRow(const torch::jit::Node& node) const;
  void Hold(const torch::jit::Value& holder, graph::ValueId id);
  graph::ValueId MemoryOf(graph::ValueId id) const;

  graph::Graph& graph_;
  std::unordered_map<const torch::jit::Value*, graph::ValueId> values_;
  std::unordered_map<graph::ValueId, std::vector<const torch::jit::Value*>> holders_;
  std::unordered_map<graph::ValueId, graph::ValueId> memory_;  // Of views: whose memory they share.
  std::unordered_map<graph::ValueId, std::vector<graph::ValueId>> sharers_;  // By memory.
};

/// Returns a name that a graph takes, like this text.
std::string GraphName(std::string_view text);

/// Where a node comes from, as "model.py:12"; empty if nobody knows.
std::string SourceOf(const torch::jit::Node& node);

/// Returns the UNIMPLEMENTED error of a node, which names the operation and its source.
absl::Status CannotImport(const torch::jit::Node& node, const std::string& why);

/// Returns the UNIMPLEMENTED error of an operation that a graph cannot express; CannotImport() says
/// later which one it was.
inline absl::Status Refuse(const std::string& why) { return absl::UnimplementedError(why); }

/// Whether a node makes an integer, integers or a bool that may be known when a model is loaded;
/// who needs it asks then.
bool MakesFact(const torch::jit::Node& node);

/// Imports one kind of operation. Errors: UNIMPLEMENTED says what a graph cannot express.
using Importer = absl::Status (*)(ImportContext& context, const torch::jit::Node& node);

/// Adds a node's operation to the graph. Errors: UNIMPLEMENTED names the operation.
absl::Status ImportOperation(ImportContext& context, const torch::jit::Node& node);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_IMPORT_CONTEXT_H_
