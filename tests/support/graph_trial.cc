#include "tests/support/graph_trial.h"

#include <gtest/gtest.h>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/evaluate.h"
#include "server/graph/passes.h"
#include "server/graph/text.h"
#include "tests/support/random_graph.h"
#include "tests/support/shrink_graph.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using graph::Graph;

// The first difference between the results of a few rows of a batch and float64; all rows would
// take minutes under ASan.
absl::StatusOr<std::string> DifferenceOfBatch(const Graph& graph, const std::vector<Row>& rows,
                                              const std::vector<Row>& results,
                                              const engine::Tolerance& tolerance) {
  if (results.size() != rows.size()) return "the number of rows";
  for (const size_t i : {size_t{0}, rows.size() / 2, rows.size() - 1}) {
    ACTIUM_ASSIGN_OR_RETURN(const Row right, Evaluate(graph, rows[i]));
    const std::string difference = Difference(results[i], right, tolerance);
    if (!difference.empty()) return fmt::format("row {} of {}, {}", i, rows.size(), difference);
  }
  return "";
}

absl::StatusOr<std::string> Try(const Graph& graph, const Trial& trial) {
  Graph made = graph;
  if (trial.passes) {
    ACTIUM_ASSIGN_OR_RETURN(made, graph::RunPasses(graph));
  }
  ACTIUM_ASSIGN_OR_RETURN(const auto model, trial.make(made, trial.most));
  ModelStream stream(*model, trial.threads);
  for (const int count : trial.counts) {
    const std::vector<Row> rows = RowsOf(graph, trial.seed, count);
    ACTIUM_ASSIGN_OR_RETURN(const std::vector<Row> results, stream.Run(rows));
    ACTIUM_ASSIGN_OR_RETURN(std::string difference,
                            DifferenceOfBatch(graph, rows, results, trial.tolerance));
    if (!difference.empty()) return difference;
  }
  return "";
}

// What is wrong with the results; empty: nothing.
std::string WhatIsWrong(const Graph& graph, const Trial& trial) {
  const absl::StatusOr<std::string> difference = Try(graph, trial);
  return difference.ok() ? *difference : std::string(difference.status().message());
}

}  // namespace

std::vector<Row> RowsOf(const Graph& graph, uint64_t seed, int count) {
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back(RandomInputs(graph, seed * 1000 + static_cast<uint64_t>(i)));
  }
  return rows;
}

void ExpectRight(const Graph& graph, const Trial& trial) {
  const std::string wrong = WhatIsWrong(graph, trial);
  if (wrong.empty()) return;
  const Graph smallest =
      ShrinkGraph(graph, [&](const Graph& part) { return !WhatIsWrong(part, trial).empty(); });
  ADD_FAILURE() << "seed " << trial.seed << ": " << wrong << "; of the part below "
                << WhatIsWrong(smallest, trial) << "\n"
                << graph::ToText(smallest);
}

void ExpectRowsIndependent(const Graph& graph, const Trial& trial) {
  constexpr int kRows = 8;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, trial.make(graph, kRows));
  ModelStream stream(*model);
  const std::vector<Row> rows = RowsOf(graph, trial.seed, kRows);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> all, stream.Run(rows));
  std::vector<Row> others = RowsOf(graph, trial.seed + 1000, kRows);
  others[5] = rows[5];
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> among_others, stream.Run(others));
  // NaN is not equal to itself, but no such number is expected.
  EXPECT_EQ(among_others[5], all[5]) << "seed " << trial.seed;
}

}  // namespace actium::test
