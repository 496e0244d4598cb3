#include <gtest/gtest.h>

#include "server/graph/evaluate.h"
#include "server/graph/passes.h"
#include "tests/server/cpu/run_model.h"
#include "tests/support/random_graph.h"
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

// The results of a few rows of a batch against float64; all rows would take minutes under ASan.
void ExpectRight(const Graph& graph, const std::vector<Row>& rows,
                 const std::vector<Row>& results) {
  ASSERT_EQ(results.size(), rows.size());
  for (const size_t i : {size_t{0}, rows.size() / 2, rows.size() - 1}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const Row right, Evaluate(graph, rows[i]));
    EXPECT_EQ(Difference(results[i], right), "") << "row " << i << " of " << rows.size();
  }
}

// Runs a full batch of `most` rows on what passes made of a graph, or on the graph itself.
void ExpectRightOn(const Graph& graph, const Graph& made, uint64_t seed, int most, int threads) {
  const auto model = CpuModelOf(made, most);
  CpuStream stream(*model, threads);
  const std::vector<Row> rows = RowsOf(graph, seed, most);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> results, stream.Run(rows));
  ExpectRight(graph, rows, results);
}

class RandomGraphsTest : public ::testing::TestWithParam<int> {};

// Ten graphs in each case: one in ctest's output would be nothing to look at.
TEST_P(RandomGraphsTest, AgreeWithFloat64InBatchesOfEverySize) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Graph graph = RandomGraph(seed);
    const int most = 1 + static_cast<int>(seed) % 33;
    const auto model = CpuModelOf(graph, most);
    CpuStream stream(*model, 1);
    // A full batch, one that is padded, one row, and the full one again on the used memory.
    for (const int count : {most, most / 2 + 1, 1, most}) {
      const std::vector<Row> rows = RowsOf(graph, seed, count);
      ACTIUM_ASSERT_OK_AND_ASSIGN(const std::vector<Row> results, stream.Run(rows));
      ExpectRight(graph, rows, results);
    }
    if (HasFailure()) return;
  }
}

TEST_P(RandomGraphsTest, AgreeAfterAllPasses) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Graph graph = RandomGraph(seed);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph fused, graph::RunPasses(graph));
    ExpectRightOn(graph, fused, seed, /*most=*/3, /*threads=*/1);
    if (HasFailure()) return;
  }
}

// Layers so large that a batch is computed in parts, the last of them smaller.
TEST_P(RandomGraphsTest, LargeLayersAgreeAfterAllPasses) {
  const auto seed = static_cast<uint64_t>(GetParam());
  const Graph graph = RandomGraph(seed, {.nodes = 8, .channels = 70, .pixels = 20});
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph fused, graph::RunPasses(graph));
  ExpectRightOn(graph, fused, seed, /*most=*/7, /*threads=*/1);
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
  const Graph graph = RandomGraph(seed);
  ExpectRightOn(graph, graph, seed, /*most=*/5, /*threads=*/2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphsTest, ::testing::Range(0, 10));

}  // namespace
}  // namespace actium::test
