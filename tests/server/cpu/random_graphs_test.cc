#include <gtest/gtest.h>

#include "tests/server/cpu/cpu_model_of.h"
#include "tests/support/environment.h"
#include "tests/support/graph_trial.h"
#include "tests/support/random_graph.h"

namespace actium::test {
namespace {

// How many graphs each property is tried on, by tens: n of ACTIUM_RANDOM_GRAPHS.
int Tens() { return static_cast<int>(NumberFromEnvironment("ACTIUM_RANDOM_GRAPHS", 100, 10)) / 10; }

class RandomGraphsTest : public ::testing::TestWithParam<int> {};

// Ten graphs in each case: one in ctest's output would be nothing to look at.
TEST_P(RandomGraphsTest, AgreeWithFloat64InBatchesOfEverySize) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    const int most = 1 + static_cast<int>(seed) % 33;
    // A full batch, one that is padded, one row, and the full one again on the used memory.
    ExpectRight(
        RandomGraph(seed),
        {.make = CpuModelOf, .seed = seed, .most = most, .counts = {most, most / 2 + 1, 1, most}});
    if (HasFailure()) return;
  }
}

TEST_P(RandomGraphsTest, AgreeAfterAllPasses) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    ExpectRight(RandomGraph(seed),
                {.make = CpuModelOf, .seed = seed, .most = 3, .counts = {3}, .passes = true});
    if (HasFailure()) return;
  }
}

// Layers so large that a batch is computed in parts, the last of them smaller.
TEST_P(RandomGraphsTest, LargeLayersAgreeAfterAllPasses) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRight(RandomGraph(seed, {.nodes = 8, .channels = 70, .pixels = 20}),
              {.make = CpuModelOf, .seed = seed, .most = 7, .counts = {7}, .passes = true});
}

TEST_P(RandomGraphsTest, ARowIsComputedByItself) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRowsIndependent(RandomGraph(seed), {.make = CpuModelOf, .seed = seed});
}

TEST_P(RandomGraphsTest, TwoThreadsGiveTheSame) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRight(RandomGraph(seed),
              {.make = CpuModelOf, .seed = seed, .most = 5, .counts = {5}, .threads = 2});
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphsTest, ::testing::Range(0, Tens()));

}  // namespace
}  // namespace actium::test
