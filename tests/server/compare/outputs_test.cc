#include "server/compare/outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/server/compare/core_fixture.h"
#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using test::StatusIs;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Config(int classes) {
  return "max_batch_size: 4\ninput { name: \"x\" data_type: TYPE_UINT8 dims: [ 2 ] }\n"
         "output { name: \"y\" data_type: TYPE_FP32 dims: [ " +
         std::to_string(classes) + " ] label_filename: \"labels.txt\" }\n";
}

class OutputsTest : public test::CoreFixture {
 protected:
  OutputsTest() : CoreFixture(1) {
    for (const char* name : {"first", "second", "nan"}) {
      Write(name, Config(3),
            name == std::string("nan")      ? "fake-model\nnan_marker 97\n"
            : name == std::string("second") ? "fake-model\ndepends_on_batch 1\n"
                                            : "fake-model\n");
      folder_.Write(std::string(name) + "/labels.txt", "shirt\ncoat\nboot\n");
    }
    Write("other", Config(4), "fake-model\n");
    folder_.Write("other/labels.txt", "a\nb\nc\nd\n");
    ACTIUM_CHECK(repository_.LoadAll().ok());
  }

  absl::StatusOr<v1::OutputsReport> Compare(const std::vector<std::string>& variants,
                                            const std::string& bytes,
                                            const std::string& baseline = "") {
    v1::CompareOutputsRequest request;
    for (const std::string& variant : variants) request.add_variants(variant);
    request.set_baseline(baseline);
    batching::InferRequest inputs;
    inputs.inputs.push_back({.name = "x",
                             .dtype = tensor::DType::kUint8,
                             .shape = {static_cast<int64_t>(bytes.size() / 2), 2},
                             .pieces = {{.bytes = std::as_bytes(std::span(bytes))}}});
    v1::OutputsReport report;
    const absl::Status status =
        CompareOutputs(core_, repository_, request, inputs, nullptr, report);
    if (!status.ok()) return status;
    return report;
  }
};

TEST_F(OutputsTest, MeasuresTheDistanceFromTheBaseline) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto report, Compare({"first", "second"}, "abcdef", "second"));
  EXPECT_EQ(report.baseline(), "second");
  EXPECT_EQ(report.rows(), 3);
  EXPECT_EQ(report.classes(), 3);
  EXPECT_THAT(report.labels(), ElementsAre("shirt", "coat", "boot"));
  const v1::VariantOutputs& first = report.variants(0);
  const v1::VariantOutputs& second = report.variants(1);
  double largest = 0;
  int alike = 0;
  for (int i = 0; i < 9; ++i) {
    largest = std::max(largest, std::abs(first.scores(i) - second.scores(i)));
  }
  for (int row = 0; row < 3; ++row) alike += first.predicted(row) == second.predicted(row) ? 1 : 0;
  EXPECT_GT(largest, 0);
  EXPECT_EQ(first.largest_difference(), largest);
  EXPECT_DOUBLE_EQ(first.agreement(), alike / 3.0);
  EXPECT_EQ(second.largest_difference(), 0);
  EXPECT_EQ(second.agreement(), 1);
  for (const auto& variant : report.variants()) {
    EXPECT_EQ(variant.engine(), "fake");
    EXPECT_GT(variant.served_ns(), 0);
    EXPECT_THAT(variant.probability(), Each(::testing::Gt(1.0 / 3)));
  }
}

TEST_F(OutputsTest, WhatIsNotFinitePredictsNothing) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto report, Compare({"first", "nan"}, "abzz"));
  EXPECT_EQ(report.variants(1).predicted(0), -1);
  EXPECT_EQ(report.variants(1).probability(0), 0);
  EXPECT_EQ(report.variants(1).predicted(1), report.variants(0).predicted(1));
  EXPECT_EQ(report.variants(1).agreement(), 0.5);
  EXPECT_TRUE(std::isnan(report.variants(1).largest_difference()));
}

TEST_F(OutputsTest, BadRequestsNameTheReason) {
  EXPECT_THAT(Compare({"first"}, "ab"), StatusIs(kInvalid, HasSubstr("variants must be 2 to 32")));
  EXPECT_THAT(Compare({"first", "other"}, "ab"),
              StatusIs(kInvalid, HasSubstr("other has scores of 4 classes, first of 3")));
  EXPECT_THAT(Compare({"first", "second"}, "abababababab"),
              StatusIs(kInvalid, HasSubstr("at most 4 rows, as first takes in one batch, got 6")));
  EXPECT_THAT(Compare({"first", "second"}, ""), StatusIs(kInvalid, HasSubstr("got 0")));
  EXPECT_THAT(Compare({"first", "second"}, "ab", "third"),
              StatusIs(kInvalid, HasSubstr("baseline must be one of the variants")));
}

}  // namespace
}  // namespace actium::compare
