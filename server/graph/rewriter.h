#ifndef ACTIUM_SERVER_GRAPH_REWRITER_H_
#define ACTIUM_SERVER_GRAPH_REWRITER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/graph.h"

namespace actium::graph {

/// Makes a new graph out of an old one, node by node: what every pass is made of. A pass looks at
/// each live node in order and either copies it, or adds something else and says which new value
/// takes the place of the node's. Nodes that no output needs, and constants that nobody reads, are
/// left out.
class Rewriter {
 public:
  /// from: outlives this.
  explicit Rewriter(const Graph& from);

  const Graph& from() const { return from_; }
  Graph& to() { return to_; }

  /// Copies the inputs; before anything else. Errors: none for a valid graph.
  absl::Status Begin();

  /// Whether an output needs the value.
  bool live(ValueId old) const { return live_[static_cast<size_t>(old)]; }

  /// Returns the new value of an old one: an input's, a constant's (copied when first asked for),
  /// or that of a node that was copied or replaced. Errors: INTERNAL if it was neither.
  absl::StatusOr<ValueId> Of(ValueId old);
  absl::StatusOr<std::vector<ValueId>> Of(const std::vector<ValueId>& old);

  /// Copies a node. Errors: those of AddNode().
  absl::Status Copy(const Node& node);

  /// Adds a node with the name of an old value and lets it take its place. inputs: new ones.
  absl::Status Put(ValueId old, Op op, std::vector<ValueId> inputs, std::string source);

  /// Lets a new value take the place of an old one.
  void Replace(ValueId old, ValueId now) { now_[static_cast<size_t>(old)] = now; }

  /// Returns the new graph.
  absl::StatusOr<Graph> Finish();

 private:
  static constexpr ValueId kNone = -1;

  const Graph& from_;
  Graph to_;
  const std::vector<bool> live_;
  std::vector<ValueId> now_;  // By old value.
};

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_REWRITER_H_
