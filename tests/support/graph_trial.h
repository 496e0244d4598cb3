#ifndef ACTIUM_TESTS_SUPPORT_GRAPH_TRIAL_H_
#define ACTIUM_TESTS_SUPPORT_GRAPH_TRIAL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/agreement.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"
#include "tests/support/model_stream.h"

/// The same property tests for every engine that runs graphs.
namespace actium::test {

/// Makes an engine's model of a graph.
using MakeModel = std::function<absl::StatusOr<std::shared_ptr<engine::LoadedModel>>(
    const graph::Graph& graph, int max_batch_size)>;

/// How a graph is run.
struct Trial {
  MakeModel make;
  uint64_t seed = 0;             ///< Of the inputs.
  int most = 1;                  ///< Rows of the largest batch.
  std::vector<int> counts = {};  ///< Rows of the batches, one after the other.
  int threads = 1;
  bool passes = false;  ///< Before it.
  engine::Tolerance tolerance = {};
};

/// Inputs of so many rows; the same for the same seed.
std::vector<Row> RowsOf(const graph::Graph& graph, uint64_t seed, int count);

/// Fails the test if results differ from float64; shows the smallest part of the graph that fails
/// as well. Looks at three rows of a batch: all would take minutes under ASan.
void ExpectRight(const graph::Graph& graph, const Trial& trial);

/// Fails the test if a row's results depend on the other rows of its batch.
void ExpectRowsIndependent(const graph::Graph& graph, const Trial& trial);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_GRAPH_TRIAL_H_
