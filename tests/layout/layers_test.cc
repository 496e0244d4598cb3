#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/layout/layer_rules.h"
#include "tests/layout/source_tree.h"

namespace actium::test {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

struct Case {
  std::string file;
  std::string include;
};

class AllowedTest : public ::testing::TestWithParam<Case> {};
class ForbiddenTest : public ::testing::TestWithParam<Case> {};

std::string Violation(const std::string& file, const std::string& include) {
  const std::string layer = LayerViolation(file, include);
  return layer.empty() ? GateViolation(file, include) : layer;
}

TEST_P(AllowedTest, IsNoViolation) {
  EXPECT_THAT(Violation(GetParam().file, GetParam().include), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, AllowedTest,
    ::testing::Values(Case{"server/main.cc", "server/rpc/inference_service.h"},
                      Case{"server/main.cc", "grpcpp/grpcpp.h"},
                      Case{"server/base/log.cc", "spdlog/spdlog.h"},
                      Case{"server/batching/request.h", "server/tensor/tensor_view.h"},
                      Case{"server/batching/request.h", "server/batching/policy.h"},
                      Case{"server/kernels/activation.h", "server/activation/table.h"},
                      Case{"server/libtorch/loader.cc", "torch/script.h"},
                      Case{"server/repository/model_config.h", "inference/model_config.pb.h"},
                      Case{"server/repository/fields.cc", "google/protobuf/descriptor.pb.h"},
                      Case{"server/rpc/inference_service.h", "inference/grpc_service.grpc.pb.h"},
                      Case{"client/cli/main.cc", "server/activation/table.h"},
                      Case{"client/cli/compare.cc", "client/report/report.h"},
                      Case{"client/report/page.cc", "actium/v1/comparison.pb.h"},
                      Case{"client/src/client.cc", "actium/v1/introspection.grpc.pb.h"},
                      Case{"models/train/main.cc", "models/zoo/plain_cnn.h"},
                      Case{"tests/server/rpc/x_test.cc", "client/cli/table.h"}));

TEST_P(ForbiddenTest, IsAViolation) {
  EXPECT_THAT(Violation(GetParam().file, GetParam().include), Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ForbiddenTest,
    ::testing::Values(Case{"server/base/clock.h", "server/tensor/shape.h"},
                      Case{"server/tensor/shape.h", "server/stats/histogram.h"},
                      Case{"server/batching/request.h", "server/repository/handle.h"},
                      Case{"server/batching/request.h", "inference/grpc_service.pb.h"},
                      Case{"server/repository/layout.h", "inference/grpc_service.pb.h"},
                      Case{"server/kernels/activation.h", "server/graph/graph.h"},
                      Case{"server/kernels/activation.cc", "ATen/ATen.h"},
                      Case{"server/rpc/drain.cc", "server/options/options.h"},
                      Case{"server/rpc/drain.cc", "server/serve.h"},
                      Case{"server/unheard_of/a.h", "server/base/clock.h"},
                      Case{"server/main.cc", "client/cli/table.h"},
                      Case{"server/main.cc", "tests/support/fake_clock.h"},
                      Case{"server/main.cc", "torch/script.h"},
                      Case{"server/batching/request.h", "c10/core/ScalarType.h"},
                      Case{"server/inference/route.h", "grpcpp/grpcpp.h"},
                      Case{"server/batching/policy.cc", "spdlog/spdlog.h"},
                      Case{"server/repository/layout.cc", "nlohmann/json.hpp"},
                      Case{"server/engine/executor.h", "cuda_runtime.h"},
                      Case{"server/engine/executor.h", "oneapi/dnnl/dnnl.hpp"},
                      Case{"server/cpu/pointwise.cc", "hwy/highway.h"},
                      Case{"server/observe/statistics.cc", "prometheus/registry.h"},
                      Case{"client/src/client.cc", "server/base/clock.h"},
                      Case{"client/include/actium/client.h", "client/src/call.h"},
                      Case{"server/inference/route.h", "inference/grpc_service.pb.h"},
                      Case{"client/cli/bench.cc", "server/stats/intervals.h"},
                      Case{"client/cli/bench.cc", "torch/script.h"},
                      Case{"client/cli/compare.cc", "client/report/chart.h"},
                      Case{"client/report/page.cc", "client/cli/table.h"},
                      Case{"models/zoo/plain_cnn.h", "models/train/schedule.h"},
                      Case{"models/zoo/plain_cnn.h", "server/libtorch/loader.h"}));

TEST(LayersTest, EveryFileIncludesOnlyWhatItsLayerMay) {
  const std::vector<SourceFile> files = ReadCxxFiles();
  ASSERT_GT(files.size(), 50u);
  for (const SourceFile& file : files) {
    for (const Include& include : IncludesOf(file)) {
      EXPECT_THAT(Violation(file.path, include.path), IsEmpty())
          << file.path << ":" << include.line << " includes " << include.path;
    }
  }
}

// nvcc, g++ and Highway read the same text.
TEST(LayersTest, FormulasIncludeNothing) {
  for (const Include& include : IncludesOf(ReadSourceFile("server/activation/formulas-inl.h"))) {
    EXPECT_EQ(include.path, "cmath");
  }
  for (const Include& include : IncludesOf(ReadSourceFile("server/activation/scalar.h"))) {
    if (include.path == "server/activation/formulas-inl.h") continue;
    EXPECT_EQ(include.path, "cmath");
  }
}

TEST(LayersTest, QuotedPathsStartAtTheRoot) {
  for (const SourceFile& file : ReadCxxFiles()) {
    for (const Include& include : IncludesOf(file)) {
      if (!include.quoted) continue;
      EXPECT_NE(include.path.find('/'), std::string::npos)
          << file.path << ":" << include.line << " includes \"" << include.path << "\"";
      EXPECT_EQ(include.path.find(".."), std::string::npos) << file.path << ":" << include.line;
    }
  }
}

}  // namespace
}  // namespace actium::test
