#include <gtest/gtest.h>

#include "tests/server/cuda/cuda_model_of.h"
#include "tests/support/environment.h"
#include "tests/support/graph_trial.h"
#include "tests/support/random_graph.h"

namespace actium::test {
namespace {

using engine::Precision;

// How many graphs each property is tried on, by tens: n of ACTIUM_RANDOM_GRAPHS.
int Tens() { return static_cast<int>(NumberFromEnvironment("ACTIUM_RANDOM_GRAPHS", 50, 10)) / 10; }

MakeModel In(Precision precision) {
  return [precision](const graph::Graph& graph, int max_batch_size) {
    return CudaModelOf(graph, max_batch_size, precision);
  };
}

class RandomGraphsTest : public ::testing::TestWithParam<int> {};

TEST_P(RandomGraphsTest, AgreeWithFloat64InBatchesOfEverySize) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    const int most = 1 + static_cast<int>(seed) % 9;
    // A full batch, one that is padded, one row, and the full one again on the used memory.
    ExpectRight(RandomGraph(seed), {.make = In(Precision::kFp32),
                                    .seed = seed,
                                    .most = most,
                                    .counts = {most, most / 2 + 1, 1, most}});
    if (HasFailure()) return;
  }
}

TEST_P(RandomGraphsTest, AgreeAfterAllPasses) {
  for (int i = 0; i < 10; ++i) {
    const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
    ExpectRight(
        RandomGraph(seed),
        {.make = In(Precision::kFp32), .seed = seed, .most = 3, .counts = {3}, .passes = true});
    if (HasFailure()) return;
  }
}

// Every result between is rounded to 8 or 11 bits, or every factor to 11: the errors are those of
// the type, where a graph does not make them larger.
TEST_P(RandomGraphsTest, AgreeInLowerPrecision) {
  for (const Precision precision : {Precision::kTf32, Precision::kFp16, Precision::kBf16}) {
    const double relative = precision == Precision::kBf16 ? 0.05 : 0.01;
    for (int i = 0; i < 10; ++i) {
      const auto seed = static_cast<uint64_t>(GetParam() * 10 + i);
      ExpectRight(RandomGraph(seed, {.nodes = 6, .channels = 33}),
                  {.make = In(precision),
                   .seed = seed,
                   .most = 3,
                   .counts = {3},
                   .passes = true,
                   .tolerance = {.absolute = relative, .relative = relative}});
      if (HasFailure()) return;
    }
  }
}

TEST_P(RandomGraphsTest, ARowIsComputedByItself) {
  const auto seed = static_cast<uint64_t>(GetParam());
  ExpectRowsIndependent(RandomGraph(seed), {.make = In(Precision::kFp32), .seed = seed});
  ExpectRowsIndependent(RandomGraph(seed), {.make = In(Precision::kBf16), .seed = seed});
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphsTest, ::testing::Range(0, Tens()));

}  // namespace
}  // namespace actium::test
