#include <gtest/gtest.h>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/evaluate.h"
#include "server/graph/passes.h"
#include "server/graph/text.h"
#include "tests/server/cpu/run_model.h"
#include "tests/support/environment.h"
#include "tests/support/random_graph.h"
#include "tests/support/shrink_graph.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using graph::Graph;

std::vector<Row> RowsOf(const Graph& graph, uint64_t seed, int count) {
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back(RandomInputs(graph, seed * 1000 + static_cast<uint64_t>(i)));
  }
  return rows;
}

// How a graph is run.
struct Trial {
  uint64_t seed = 0;
  int most = 1;             // Rows of the largest batch.
  std::vector<int> counts;  // Rows of the batches, one after the other.
  int threads = 1;
  bool passes = false;  // Before it.
};

// The first difference between the results of a few rows of a batch and float64; all rows would
// take minutes under ASan.
absl::StatusOr<std::string> DifferenceOfBatch(const Graph& graph, const std::vector<Row>& rows,
                                              const std::vector<Row>& results) {
  if (results.size() != rows.size()) return "the number of rows";
  for (const size_t i : {size_t{0}, rows.size() / 2, rows.size() - 1}) {
    ACTIUM_ASSIGN_OR_RETURN(const Row right, Evaluate(graph, rows[i]));
    const std::string difference = Difference(results[i], right);
    if (!difference.empty()) return fmt::format("row {} of {}, {}", i, rows.size(), difference);
  }
  return "";
}

absl::StatusOr<std::string> Try(const Graph& graph, const Trial& trial) {
  Graph made = graph;
  if (trial.passes) {
    ACTIUM_ASSIGN_OR_RETURN(made, graph::RunPasses(graph));
  }
  const auto model = CpuModelOf(made, trial.most);
  CpuStream stream(*model, trial.threads);
  for (const int count : trial.counts) {
    const std::vector<Row> rows = RowsOf(graph, trial.seed, count);
    ACTIUM_ASSIGN_OR_RETURN(const std::vector<Row> results, stream.Run(rows));
    ACTIUM_ASSIGN_OR_RETURN(std::string difference, DifferenceOfBatch(graph, rows, results));
    if (!difference.empty()) return difference;
  }
  return "";
}

// What is wrong with the results; empty: nothing.
std::string WhatIsWrong(const Graph& graph, const Trial& trial) {
  const absl::StatusOr<std::string> difference = Try(graph, trial);
  return difference.ok() ? *difference : std::string(difference.status().message());
}

// On failure shows the smallest graph that fails as well.
void ExpectRight(const Graph& graph, const Trial& trial) {
  const std::string wrong = WhatIsWrong(graph, trial);
  if (wrong.empty()) return;
  const Graph smallest =
      ShrinkGraph(graph, [&](const Graph& part) { return !WhatIsWrong(part, trial).empty(); });
  ADD_FAILURE() << "seed " << trial.seed << ": " << wrong << "; of the part below "
                << WhatIsWrong(smallest, trial) << "\n"
                << graph::ToText(smallest);
}

// How many graphs each property is tried on, by tens: n of ACTIUM_RANDOM_GRAPHS.
int Tens() { return static_cast<int>(NumberFromEnvironment("ACTIUM_RANDOM_GRAPHS", 100, 10)) / 10; }

class RandomGraphsTest : public ::testing::TestWithParam<int> {};

// Ten graphs in each case: one in ctest's output would be nothing to look at.
TEST_P(RandomGraphsTest, AgreeWithFloat64InBatchesOfEverySize) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    const int most = 1 + static_cast<int>(seed) % 33;
    // A full batch, one that is padded, one row, and the full one again on the used memory.
    ExpectRight(RandomGraph(seed),
                {.seed = seed, .most = most, .counts = {most, most / 2 + 1, 1, most}});
    if (HasFailure()) return;
  }
}

TEST_P(RandomGraphsTest, AgreeAfterAllPasses) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    ExpectRight(RandomGraph(seed), {.seed = seed, .most = 3, .counts = {3}, .passes = true});
    if (HasFailure()) return;
  }
}

// Layers so large that a batch is computed in parts, the last of them smaller.
TEST_P(RandomGraphsTest, LargeLayersAgreeAfterAllPasses) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRight(RandomGraph(seed, {.nodes = 8, .channels = 70, .pixels = 20}),
              {.seed = seed, .most = 7, .counts = {7}, .passes = true});
}

// NaN is not equal to itself, but no such number is expected.
TEST_P(RandomGraphsTest, ARowIsComputedByItself) {
  const auto seed = static_cast<uint64_t>(GetParam());
  const Graph graph = RandomGraph(seed);
  const auto model = CpuModelOf(graph, 8);
  CpuStream stream(*model, 1);
  const std::vector<Row> rows = RowsOf(graph, seed, 8);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> all, stream.Run(rows));
  std::vector<Row> others = RowsOf(graph, seed + 1000, 8);
  others[5] = rows[5];
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> among_others, stream.Run(others));
  EXPECT_EQ(among_others[5], all[5]);
}

TEST_P(RandomGraphsTest, TwoThreadsGiveTheSame) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRight(RandomGraph(seed), {.seed = seed, .most = 5, .counts = {5}, .threads = 2});
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphsTest, ::testing::Range(0, Tens()));

}  // namespace
}  // namespace actium::test
