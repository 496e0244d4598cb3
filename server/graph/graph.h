#ifndef ACTIUM_SERVER_GRAPH_GRAPH_H_
#define ACTIUM_SERVER_GRAPH_GRAPH_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/ops.h"
#include "server/tensor/dtype.h"
#include "server/tensor/shape.h"

namespace actium::graph {

/// A place in Graph::values().
using ValueId = int;

/// Numbers that are known when a model is loaded, row-major.
using Numbers = std::vector<float>;

/// What flows along an edge: an input, a constant or the result of a node.
struct Value {
  std::string name;  ///< Unique in its graph; letters, digits, '_' and '.'.
  tensor::DType dtype = tensor::DType::kFp32;
  tensor::Shape shape;  ///< Of one row, without the batch dimension; of a constant whole.
  std::shared_ptr<const Numbers> constant;  ///< Null: not a constant.
};

/// One operation.
struct Node {
  Op op;
  std::vector<ValueId> inputs;
  ValueId output = 0;
  std::string source;  ///< Where it came from, for people: "model.py:12", or empty.
};

/// A model as few operations, independent of file formats and devices. Every row of a batch is
/// computed by itself: shapes leave the batch dimension out, and what mixes rows cannot be said. So
/// one graph is right for every batch size, and padding a batch changes no row.
///
/// Grows by Add...(), which check everything: a graph that exists is valid, its nodes are in an
/// order in which they can run, and passes make new graphs. Copies share the constants' numbers.
/// Safe to read from several threads.
class Graph {
 public:
  /// What a graph has at most: values, and numbers of one value's row.
  static constexpr size_t kMostValues = 100'000;
  static constexpr int64_t kMostElements = int64_t{1} << 31;

  /// Errors of all three: INVALID_ARGUMENT names what is wrong, the name first (it is taken or no
  /// name, a shape has a dimension below 1 or too many elements, inputs do not fit the operation);
  /// RESOURCE_EXHAUSTED beyond kMostValues. The graph is then unchanged.
  absl::StatusOr<ValueId> AddInput(std::string name, tensor::DType dtype, tensor::Shape row);
  absl::StatusOr<ValueId> AddConstant(std::string name, tensor::Shape shape,
                                      std::shared_ptr<const Numbers> numbers);
  absl::StatusOr<ValueId> AddNode(std::string name, Op op, std::vector<ValueId> inputs,
                                  std::string source = "");

  /// Says what the graph gives; call it once. Errors: INVALID_ARGUMENT (none, unknown, a constant).
  absl::Status SetOutputs(std::vector<ValueId> outputs);

  std::span<const Value> values() const { return values_; }
  const Value& value(ValueId id) const { return values_[static_cast<size_t>(id)]; }
  std::span<const Node> nodes() const { return nodes_; }
  std::span<const ValueId> inputs() const { return inputs_; }
  std::span<const ValueId> outputs() const { return outputs_; }

  /// Returns how often each value is read by nodes or given as output.
  std::vector<int> UseCounts() const;

  /// Returns which values an output needs.
  std::vector<bool> LiveValues() const;

  /// Returns a name that begins so and is not taken.
  std::string FreeName(std::string_view prefix) const;

 private:
  absl::StatusOr<ValueId> AddValue(Value value);

  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  std::unordered_set<std::string> names_;
};

/// Returns the inputs of a node's program by register, for a node that has one. Null stands for
/// what the node itself has computed, which begins a Convolution's or a Linear's.
std::vector<const Value*> ProgramInputs(const Graph& graph, const Node& node);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_GRAPH_H_
