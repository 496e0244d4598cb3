#include "server/compare/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/compare/accuracy_report.h"
#include "tests/server/compare/core_fixture.h"
#include "tests/support/fake_model.h"
#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

constexpr char kFirst[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "labels.txt" }
)";
// Another output in front: what a fake model answers depends on the place of the output.
constexpr char kSecond[] = R"(
max_batch_size: 3
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "other" data_type: TYPE_FP32 dims: [ 1 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";
constexpr char kOtherInput[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 3 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";
constexpr char kOtherClasses[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] }
)";
constexpr char kPlain[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";
constexpr char kNoScores[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 2 ] }
output { name: "y" data_type: TYPE_INT32 dims: [ 3 ] }
)";

class AccuracyTest : public test::CoreFixture {
 protected:
  AccuracyTest() : CoreFixture(2) {
    Write("first", kFirst, "fake-model\n");
    folder_.Write("first/labels.txt", "shirt\ncoat\nboot\n");
    Write("twin", kFirst, "fake-model\nbusy_us 0\n");
    folder_.Write("twin/labels.txt", "shirt\ncoat\nboot\n");
    Write("second", kSecond, "fake-model\n");
    Write("other_input", kOtherInput, "fake-model\n");
    Write("other_classes", kOtherClasses, "fake-model\n");
    Write("no_scores", kNoScores, "fake-model\n");
    Write("nan", kPlain, "fake-model\nnan_marker 7\n");
    Write("renamed", kFirst, "fake-model\nbusy_us 1\n");
    folder_.Write("renamed/labels.txt", "coat\nshirt\nboot\n");
    Write("restless", kPlain, "fake-model\ndepends_on_batch 1\n");
    ACTIUM_CHECK(repository_.LoadAll().ok());
  }

  static v1::AccuracySetup Setup(const std::vector<std::string>& variants) {
    v1::AccuracySetup setup;
    for (const std::string& variant : variants) setup.add_variants(variant);
    setup.set_output("y");
    return setup;
  }

  absl::StatusOr<std::unique_ptr<AccuracyComparison>> Make(const v1::AccuracySetup& setup) {
    return AccuracyComparison::Make(core_, repository_, setup);
  }

  // Rows of two bytes each.
  static batching::InferRequest Rows(const std::string& bytes) {
    batching::InferRequest request;
    batching::InputView input;
    input.name = "x";
    input.dtype = tensor::DType::kUint8;
    input.shape = {static_cast<int64_t>(bytes.size() / 2), 2};
    // In two pieces that end inside of a row.
    const auto all = std::as_bytes(std::span(bytes));
    input.pieces.push_back({.bytes = all.first(1)});
    input.pieces.push_back({.bytes = all.subspan(1)});
    request.inputs.push_back(std::move(input));
    return request;
  }

  // What a fake model with this output's place predicts for a row.
  static int32_t Predicted(std::string_view row, size_t output) {
    float values[3];
    const auto bytes = std::as_bytes(std::span(row));
    const std::span<const std::byte> inputs[] = {bytes};
    test::FakeRow(inputs, output, tensor::DType::kFp32, std::as_writable_bytes(std::span(values)));
    return static_cast<int32_t>(std::max_element(values, values + 3) - values);
  }

  static std::string RandomRows(int rows) {
    std::string bytes;
    uint32_t random = 7;
    for (int i = 0; i < 2 * rows; ++i) {
      random = random * 1664525u + 1013904223u;
      bytes += static_cast<char>((random >> 24) | 8);  // Never the marker of a NaN.
    }
    return bytes;
  }
};

TEST_F(AccuracyTest, EachRowMeetsItsOwnLabelInEveryVariant) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "second"})));
  const std::string bytes = RandomRows(23);
  std::vector<int32_t> labels;
  std::vector<int32_t> second;
  for (size_t i = 0; i < 23; ++i) {
    labels.push_back(Predicted(std::string_view(bytes).substr(2 * i, 2), 0));
    second.push_back(Predicted(std::string_view(bytes).substr(2 * i, 2), 1));
  }
  ASSERT_NE(labels, second);

  ACTIUM_ASSERT_OK(comparison->Add(Rows(bytes), labels, {}, nullptr));

  EXPECT_EQ(comparison->tallies()[0].correct(), 23);
  EXPECT_EQ(comparison->tallies()[0].predicted(), labels);
  EXPECT_EQ(comparison->tallies()[1].predicted(), second);
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_EQ(report.examples(), 23);
  EXPECT_EQ(report.classes(), 3);
  EXPECT_THAT(report.labels(), ElementsAre("shirt", "coat", "boot"));
  EXPECT_EQ(report.top_k(), 3);
  EXPECT_EQ(report.variants(0).accuracy().value(), 1.0);
  ASSERT_EQ(report.contrasts_size(), 1);
  const v1::AccuracyContrast& contrast = report.contrasts(0);
  EXPECT_EQ(contrast.variant(), "second");
  EXPECT_EQ(contrast.baseline(), "first");
  EXPECT_EQ(contrast.only_variant(), 0);
  EXPECT_EQ(contrast.both_right() + contrast.only_baseline(), 23);
  EXPECT_EQ(contrast.verdict(), v1::ACCURACY_VERDICT_WORSE);
  EXPECT_THAT(report.headline(), HasSubstr("less accurate: second"));
}

TEST_F(AccuracyTest, EqualAnswersAreNoDifference) {
  v1::AccuracySetup setup = Setup({"first", "twin"});
  setup.set_margin(0.5);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(setup));
  const std::string bytes = RandomRows(40);
  ACTIUM_ASSERT_OK(comparison->Add(Rows(bytes), std::vector<int32_t>(40, 1), {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_EQ(report.contrasts(0).p_mid(), 1.0);
  EXPECT_EQ(report.contrasts(0).agreement().value(), 1.0);
  EXPECT_EQ(report.contrasts(0).verdict(), v1::ACCURACY_VERDICT_EQUIVALENT);
  EXPECT_EQ(report.omnibus().p(), 1.0);
  EXPECT_EQ(report.disagreement_count(), 0);
  EXPECT_THAT(report.warnings(), Not(IsEmpty()));
}

TEST_F(AccuracyTest, OtherNamesOfTheClassesAreSaid) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "twin", "renamed"})));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(RandomRows(2)), std::vector<int32_t>(2, 0), {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_THAT(report.warnings(),
              ::testing::Contains(HasSubstr("first and renamed name their classes otherwise")));
}

TEST_F(AccuracyTest, OneExampleDecidesNothing) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "second", "twin"})));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(RandomRows(1)), std::vector<int32_t>{0}, {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  ASSERT_EQ(report.contrasts_size(), 2);
  for (const auto& contrast : report.contrasts()) {
    EXPECT_EQ(contrast.verdict(), v1::ACCURACY_VERDICT_UNDECIDED);
  }
}

TEST_F(AccuracyTest, AllPairsAreComparedOnRequest) {
  v1::AccuracySetup setup = Setup({"first", "second", "twin"});
  setup.set_all_pairs(true);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(setup));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(RandomRows(5)), std::vector<int32_t>(5, 0), {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_EQ(report.contrasts_size(), 3);
}

TEST_F(AccuracyTest, DisagreementsAreCountedAndSomeListed) {
  v1::AccuracySetup setup = Setup({"first", "second"});
  setup.set_most_disagreements(2);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(setup));
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back("picture " + std::to_string(i));
  ACTIUM_ASSERT_OK(
      comparison->Add(Rows(RandomRows(30)), std::vector<int32_t>(30, 2), ids, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_GT(report.disagreement_count(), 2);
  ASSERT_EQ(report.disagreements_size(), 2);
  const v1::Disagreement& first = report.disagreements(0);
  EXPECT_EQ(first.id(), ids[static_cast<size_t>(first.number())]);
  EXPECT_NE(first.predicted(0), first.predicted(1));
  EXPECT_EQ(first.label(), 2);
}

TEST_F(AccuracyTest, NonFiniteScoresAreWrongAndSaid) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "nan"})));
  const std::string bytes = RandomRows(6) + std::string("\x07\x07", 2);
  ACTIUM_ASSERT_OK(comparison->Add(Rows(bytes), std::vector<int32_t>(7, 0), {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_EQ(report.variants(1).non_finite_examples(), 1);
  EXPECT_THAT(report.warnings(0), HasSubstr("nan: 1 examples have scores that are NaN"));
}

TEST_F(AccuracyTest, WithoutLabelsItSaysOnlyHowFarVariantsAgree) {
  v1::AccuracySetup setup = Setup({"first", "second", "twin"});
  setup.set_most_disagreements(1);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(setup));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(RandomRows(30)), {}, {}, nullptr));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(RandomRows(9)), {}, {}, nullptr));
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_FALSE(report.labelled());
  EXPECT_EQ(report.examples(), 39);
  EXPECT_FALSE(report.has_omnibus());
  for (const v1::VariantAccuracy& variant : report.variants()) {
    EXPECT_FALSE(variant.has_accuracy());
    EXPECT_EQ(variant.recall_size(), 0);
    EXPECT_GT(variant.mean_confidence(), 1.0 / 3);
  }
  const v1::AccuracyContrast& second = report.contrasts(0);
  const v1::AccuracyContrast& twin = report.contrasts(1);
  EXPECT_EQ(second.verdict(), v1::ACCURACY_VERDICT_UNSPECIFIED);
  EXPECT_FALSE(second.has_difference());
  EXPECT_LT(second.agreement().upper(), 1.0);
  EXPECT_LT(second.kappa(), 0.9);
  EXPECT_EQ(twin.agreement().value(), 1.0);
  EXPECT_EQ(twin.kappa(), 1.0);
  EXPECT_EQ(report.disagreements(0).label(), kNoClass);
  EXPECT_THAT(report.headline(), HasSubstr("second and first agree least"));
}

TEST_F(AccuracyTest, LabelsAreForAllMessagesOrNone) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto labelled, Make(Setup({"first", "twin"})));
  const std::vector<int32_t> label = {0};
  ACTIUM_ASSERT_OK(labelled->Add(Rows("ab"), label, {}, nullptr));
  EXPECT_THAT(labelled->Add(Rows("ab"), {}, {}, nullptr),
              StatusIs(kInvalid, HasSubstr("labels must be given for all rows")));
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto unlabelled, Make(Setup({"first", "twin"})));
  ACTIUM_ASSERT_OK(unlabelled->Add(Rows("ab"), {}, {}, nullptr));
  EXPECT_THAT(unlabelled->Add(Rows("ab"), label, {}, nullptr),
              StatusIs(kInvalid, HasSubstr("labels must be given for all rows")));
}

TEST_F(AccuracyTest, AnswersThatDependOnTheBatchAreCountedAndSaid) {
  v1::AccuracySetup setup = Setup({"first", "restless"});
  setup.set_batch_check_examples(10);
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(setup));
  const std::string bytes = RandomRows(16);
  ACTIUM_ASSERT_OK(comparison->Add(Rows(bytes.substr(0, 10)), {}, {}, nullptr));
  ACTIUM_ASSERT_OK(comparison->Add(Rows(bytes.substr(10)), {}, {}, nullptr));
  // Batches of 4 and 1, which is alone already, then of 4, of which the first 5 are checked.
  int64_t flips = 0;
  for (size_t i = 0; i < 10; ++i) {
    const auto row = std::string_view(bytes).substr(2 * i, 2);
    if (i != 4) flips += Predicted(row, 1) != Predicted(row, 4) ? 1 : 0;
  }
  ASSERT_GT(flips, 0);
  v1::AccuracyReport report;
  FillReport(*comparison, report);
  EXPECT_EQ(report.batch_checked(), 9);
  EXPECT_EQ(report.variants(0).batch_flips(), 0);
  EXPECT_EQ(report.variants(1).batch_flips(), flips);
  EXPECT_THAT(report.warnings(0), HasSubstr("of 9 examples have another predicted class alone"));
}

TEST_F(AccuracyTest, WrongSetupsNameTheField) {
  const auto error = [&](auto change, std::vector<std::string> variants = {"first", "twin"}) {
    v1::AccuracySetup setup = Setup(variants);
    change(setup);
    return Make(setup).status();
  };
  const auto none = [](v1::AccuracySetup&) {};
  EXPECT_THAT(error(none, {}), StatusIs(kInvalid, HasSubstr("variants must be 2 to 32")));
  EXPECT_THAT(error(none, {"first"}), StatusIs(kInvalid, HasSubstr("got 1")));
  EXPECT_THAT(error(none, std::vector<std::string>(33, "first")),
              StatusIs(kInvalid, HasSubstr("got 33")));
  EXPECT_THAT(error(none, {"first", "first:1"}), StatusIs(kInvalid, HasSubstr("same version")));
  EXPECT_THAT(error(none, {"first", "first:x"}), StatusIs(kInvalid, HasSubstr("'first:x'")));
  EXPECT_THAT(error(none, {"first", "first:0"}), StatusIs(kInvalid, HasSubstr("version")));
  EXPECT_THAT(error(none, {"first", "nobody"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'nobody'")));
  EXPECT_THAT(error(none, {"first", "twin:9"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no version 9")));
  EXPECT_THAT(error(none, {"first", "other_input"}),
              StatusIs(kInvalid, HasSubstr("takes other inputs")));
  EXPECT_THAT(error(none, {"first", "no_scores"}),
              StatusIs(kInvalid, HasSubstr("must be FP32 or FP64")));
  EXPECT_THAT(error([](auto& setup) { setup.set_output(""); }, {"first", "second"}),
              StatusIs(kInvalid, HasSubstr("output must name one of the 2 outputs")));
  EXPECT_THAT(error([](auto& setup) { setup.set_output("z"); }),
              StatusIs(kInvalid, HasSubstr("'z'")));
  EXPECT_THAT(error([](auto& setup) { setup.set_baseline("second"); }),
              StatusIs(kInvalid, HasSubstr("baseline")));
  EXPECT_THAT(error([](auto& setup) { setup.set_confidence(1); }),
              StatusIs(kInvalid, HasSubstr("confidence must be in")));
  EXPECT_THAT(error([](auto& setup) { setup.set_margin(-0.1); }),
              StatusIs(kInvalid, HasSubstr("margin must be in")));
  EXPECT_THAT(error([](auto& setup) { setup.set_top_k(-1); }),
              StatusIs(kInvalid, HasSubstr("top_k")));
  EXPECT_THAT(error([](auto& setup) { setup.set_most_disagreements(1001); }),
              StatusIs(kInvalid, HasSubstr("most_disagreements")));
  EXPECT_THAT(error([](auto& setup) { setup.set_batch_check_examples(10'001); }),
              StatusIs(kInvalid, HasSubstr("batch_check_examples must be in [0, 10000]")));
  EXPECT_THAT(error([](auto& setup) { setup.set_scores(static_cast<v1::ScoreKind>(99)); }),
              StatusIs(kInvalid, HasSubstr("scores")));
}

TEST_F(AccuracyTest, WrongExamplesNameWhatIsWrong) {
  const auto error = [&](std::vector<std::string> variants, const std::string& bytes,
                         std::vector<int32_t> labels, std::vector<std::string> ids = {},
                         int top_k = 0) {
    v1::AccuracySetup setup = Setup(variants);
    setup.set_top_k(top_k);
    auto comparison = Make(setup);
    ACTIUM_CHECK(comparison.ok());
    return (*comparison)->Add(Rows(bytes), labels, std::move(ids), nullptr);
  };
  EXPECT_THAT(error({"first", "twin"}, "abcd", {0}),
              StatusIs(kInvalid, HasSubstr("labels must be one for each of the 2 rows, got 1")));
  EXPECT_THAT(error({"first", "twin"}, "abcd", {0, 3}),
              StatusIs(kInvalid, HasSubstr("labels must be in [0, 3), got 3 for example 1")));
  EXPECT_THAT(error({"first", "twin"}, "abcd", {-1, 0}), StatusIs(kInvalid, HasSubstr("got -1")));
  EXPECT_THAT(error({"first", "twin"}, "abcd", {0, 0}, {"one"}),
              StatusIs(kInvalid, HasSubstr("ids")));
  EXPECT_THAT(error({"first", "twin"}, "ab", {0}, {std::string(257, 'x')}),
              StatusIs(kInvalid, HasSubstr("256")));
  EXPECT_THAT(error({"first", "other_classes"}, "ab", {0}),
              StatusIs(kInvalid, HasSubstr("4 classes, other variants of 3")));
  EXPECT_THAT(error({"first", "twin"}, "ab", {0}, {}, 4),
              StatusIs(kInvalid, HasSubstr("top_k must be in [1, 3]")));
}

TEST_F(AccuracyTest, IdsAreForAllMessagesOrNone) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "twin"})));
  const std::vector<int32_t> label = {0};
  ACTIUM_ASSERT_OK(comparison->Add(Rows("ab"), label, {}, nullptr));
  EXPECT_THAT(comparison->Add(Rows("ab"), label, {"late"}, nullptr),
              StatusIs(kInvalid, HasSubstr("ids")));
}

TEST_F(AccuracyTest, CancellingEndsIt) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, Make(Setup({"first", "twin"})));
  const auto cancellation = std::make_shared<batching::Cancellation>();
  cancellation->Cancel();
  EXPECT_THAT(comparison->Add(Rows("ab"), std::vector<int32_t>{0}, {}, cancellation),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("cancelled")));
}

}  // namespace
}  // namespace actium::compare
