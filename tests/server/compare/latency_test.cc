#include "server/compare/latency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/compare/made_up_inputs.h"
#include "tests/server/compare/core_fixture.h"
#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

constexpr char kConfig[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";
constexpr char kAnySize[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ -1 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";

class LatencyTest : public test::CoreFixture {
 protected:
  LatencyTest() : CoreFixture(1) {
    Write("quick", kConfig, "fake-model\nbusy_us 100\n");
    Write("twin", kConfig, "fake-model\nbusy_us 100\n");
    Write("slow", kConfig, "fake-model\nbusy_us 400\n");
    Write("any", kAnySize, "fake-model\n");
    Write("any_twin", kAnySize, "fake-model\n");
    ACTIUM_CHECK(repository_.LoadAll().ok());
  }

  static v1::CompareLatencyRequest Request(const std::vector<std::string>& variants) {
    v1::CompareLatencyRequest request;
    for (const std::string& variant : variants) request.add_variants(variant);
    request.set_rounds(4);
    request.mutable_time_limit()->set_seconds(10);
    return request;
  }

  absl::StatusOr<std::unique_ptr<LatencyComparison>> Make(const v1::CompareLatencyRequest& request,
                                                          batching::InferRequest inputs = {}) {
    return LatencyComparison::Make(core_, repository_, request, std::move(inputs));
  }
};

TEST_F(LatencyTest, TimesEveryVariantAtEveryBatchSize) {
  v1::CompareLatencyRequest request = Request({"quick", "slow"});
  request.add_batch_sizes(1);
  request.add_batch_sizes(3);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(request));
  while (!comparison->finished()) ACTIUM_ASSERT_OK(comparison->RunRound(nullptr));

  v1::LatencyReport report;
  ACTIUM_ASSERT_OK(comparison->FillReport(report));
  EXPECT_EQ(report.rounds(), 4);
  EXPECT_GE(report.warm_up_rounds(), 3);
  EXPECT_LE(report.warm_up_rounds(), 10);
  ASSERT_EQ(report.cells_size(), 4);
  EXPECT_EQ(report.contrasts_size(), 4);
  EXPECT_EQ(report.repeated_baseline_size(), 4) << "served and in the engine";
  for (const v1::LatencyCell& cell : report.cells()) {
    EXPECT_GE(cell.compute_ns(), cell.variant() == "slow" ? 4e5 : 1e5);
    EXPECT_GE(cell.served(0).value_ns(), cell.compute_ns());
    EXPECT_EQ(cell.model(), cell.variant());
    EXPECT_EQ(cell.engine(), "fake");
  }
  EXPECT_EQ(comparison->progress().measured_rounds(), 4);
}

TEST_F(LatencyTest, BatchesThatAreSentAtOnceMeetInTheQueue) {
  v1::CompareLatencyRequest request = Request({"quick", "slow"});
  request.add_concurrencies(1);
  request.add_concurrencies(4);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(request));
  while (!comparison->finished()) ACTIUM_ASSERT_OK(comparison->RunRound(nullptr));

  v1::LatencyReport report;
  ACTIUM_ASSERT_OK(comparison->FillReport(report));
  ASSERT_EQ(report.cells_size(), 4);
  EXPECT_EQ(report.contrasts_size(), 3) << "the engine only where batches are alone";
  EXPECT_EQ(report.repeated_baseline_size(), 3);
  for (const v1::LatencyCell& cell : report.cells()) {
    const double run = cell.variant() == "slow" ? 4e5 : 1e5;
    // Four rows are one batch or two, as the first may have left before the others came.
    const double most = cell.concurrency() / run * 1e9;
    EXPECT_LE(cell.rows_per_second(), most);
    EXPECT_GE(cell.served(0).value_ns(), run);
    EXPECT_EQ(cell.samples() % cell.concurrency(), 0);
  }
  EXPECT_EQ(report.contrasts(2).concurrency(), 4);
  EXPECT_EQ(report.contrasts(2).measure(), v1::LATENCY_MEASURE_SERVED);
  EXPECT_THAT(report.headline(), HasSubstr("slow at batch 1 x 4"));
}

TEST_F(LatencyTest, TheTimeLimitEndsIt) {
  v1::CompareLatencyRequest request = Request({"quick", "twin"});
  request.mutable_time_limit()->set_seconds(0);
  request.mutable_time_limit()->set_nanos(1);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(request));
  EXPECT_TRUE(comparison->finished());
  v1::LatencyReport report;
  EXPECT_THAT(comparison->FillReport(report),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("after 0 measured rounds")));
}

TEST_F(LatencyTest, CancellingEndsIt) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Request({"quick", "twin"})));
  const auto cancellation = std::make_shared<batching::Cancellation>();
  cancellation->Cancel();
  EXPECT_THAT(comparison->RunRound(cancellation),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("cancelled")));
}

TEST_F(LatencyTest, InputsOfAnySizeMustBeGiven) {
  EXPECT_THAT(Make(Request({"any", "any_twin"})).status(),
              StatusIs(kInvalid, HasSubstr("inputs must be given: input 'x'")));
  engine::Signature signature{
      .max_batch_size = 4, .inputs = {{"x", tensor::DType::kUint8, {5}}}, .outputs = {}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto inputs, MakeUpInputs(signature, 2));
  ACTIUM_EXPECT_OK(Make(Request({"any", "any_twin"}), std::move(inputs)).status());
}

TEST_F(LatencyTest, WrongRequestsNameTheField) {
  const auto error = [&](auto change) {
    v1::CompareLatencyRequest request = Request({"quick", "twin"});
    change(request);
    return Make(request).status();
  };
  EXPECT_THAT(error([](auto& request) { request.clear_variants(); }),
              StatusIs(kInvalid, HasSubstr("variants")));
  EXPECT_THAT(error([](auto& request) { request.set_baseline("slow"); }),
              StatusIs(kInvalid, HasSubstr("baseline")));
  EXPECT_THAT(error([](auto& request) { request.add_batch_sizes(5); }),
              StatusIs(kInvalid, HasSubstr("batch_sizes must be in [1, 4]")));
  EXPECT_THAT(error([](auto& request) { request.add_batch_sizes(0); }),
              StatusIs(kInvalid, HasSubstr("got 0")));
  EXPECT_THAT(error([](auto& request) {
                request.add_batch_sizes(2);
                request.add_batch_sizes(2);
              }),
              StatusIs(kInvalid, HasSubstr("different")));
  EXPECT_THAT(error([](auto& request) { request.add_concurrencies(65); }),
              StatusIs(kInvalid, HasSubstr("concurrencies must be in [1, 64], got 65")));
  EXPECT_THAT(error([](auto& request) {
                for (int i = 57; i <= 64; ++i) request.add_concurrencies(i);
                for (int i = 1; i <= 4; ++i) request.add_batch_sizes(i);
                request.set_rounds(1000);
              }),
              StatusIs(kInvalid, HasSubstr("at most 4000000 are kept")));
  EXPECT_THAT(error([](auto& request) { request.set_rounds(2); }),
              StatusIs(kInvalid, HasSubstr("rounds must be in [3, 1000], got 2")));
  EXPECT_THAT(error([](auto& request) { request.mutable_time_limit()->set_seconds(3601); }),
              StatusIs(kInvalid, HasSubstr("time_limit")));
  EXPECT_THAT(error([](auto& request) { request.mutable_time_limit()->set_seconds(-1); }),
              StatusIs(kInvalid, HasSubstr("time_limit")));
  EXPECT_THAT(error([](auto& request) { request.set_margin(2); }),
              StatusIs(kInvalid, HasSubstr("margin")));
  EXPECT_THAT(error([](auto& request) { request.set_confidence(0.1); }),
              StatusIs(kInvalid, HasSubstr("confidence")));
}

}  // namespace
}  // namespace actium::compare
