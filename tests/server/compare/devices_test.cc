// Variants of one comparison on different devices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/compare/latency.h"
#include "tests/server/compare/core_fixture.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kConfig[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";

class DevicesTest : public test::CoreFixture {
 protected:
  DevicesTest() : CoreFixture(1, test::NewFakeGpu({.busy = std::chrono::microseconds(400)})) {
    Write("here", kConfig, "fake-model\nbusy_us 100\n");
    Write("there", std::string(kConfig) + "instance_group { kind: KIND_GPU }",
          "fake-model\nimportable 1\n");
    ACTIUM_CHECK(repository_.LoadAll().ok());
  }
};

TEST_F(DevicesTest, TheirTimesAreComparedAndTheReportSaysWhereTheyRan) {
  v1::CompareLatencyRequest request;
  for (const char* variant : {"here", "there"}) request.add_variants(variant);
  for (const int concurrency : {1, 4}) request.add_concurrencies(concurrency);
  request.set_rounds(3);
  request.mutable_time_limit()->set_seconds(20);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison,
                              LatencyComparison::Make(core_, repository_, request, {}));
  while (!comparison->finished()) ACTIUM_ASSERT_OK(comparison->RunRound(nullptr));
  v1::LatencyReport report;
  ACTIUM_ASSERT_OK(comparison->FillReport(report));
  ASSERT_EQ(report.cells_size(), 4);
  for (const v1::LatencyCell& cell : report.cells()) {
    EXPECT_EQ(cell.engine(), cell.variant() == "here" ? "fake" : "cuda");
    EXPECT_GE(cell.compute_ns(), cell.variant() == "here" ? 1e5 : 4e5);
  }
  EXPECT_THAT(report.warnings(), Contains(HasSubstr("here runs on cpu, there on cuda:0")));
}

}  // namespace
}  // namespace actium::compare
