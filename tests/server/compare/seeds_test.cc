#include "server/compare/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr int kExamples = 1000;

v1::SeedsSetup TenClasses() {
  v1::SeedsSetup setup;
  for (int i = 0; i < kExamples; ++i) setup.add_labels(i % 10);
  return setup;
}

// A checkpoint that is right on the first so many examples.
v1::SeedPredictions Checkpoint(const std::string& variant, uint64_t seed, int right) {
  v1::SeedPredictions predictions;
  predictions.set_variant(variant);
  predictions.set_seed(seed);
  for (int i = 0; i < kExamples; ++i) predictions.add_predicted(i < right ? i % 10 : -1);
  return predictions;
}

v1::SeedsReport Report(const v1::SeedsSetup& setup,
                       const std::vector<v1::SeedPredictions>& checkpoints) {
  auto comparison = SeedsComparison::Make(setup);
  ACTIUM_CHECK(comparison.ok());
  for (const auto& checkpoint : checkpoints) ACTIUM_CHECK(comparison->Add(checkpoint).ok());
  v1::SeedsReport report;
  ACTIUM_CHECK(comparison->FillReport(report).ok());
  return report;
}

TEST(SeedsTest, PairsWhatHasTheSameSeeds) {
  // Differences 0.010, 0.014, 0.006: mean 0.01, deviation 0.004, t = 0.01 / (0.004 / sqrt 3).
  const v1::SeedsReport report =
      Report(TenClasses(),
             {Checkpoint("relu", 0, 900), Checkpoint("relu", 1, 910), Checkpoint("relu", 2, 905),
              Checkpoint("mish", 2, 911), Checkpoint("mish", 0, 910), Checkpoint("mish", 1, 924)});
  EXPECT_EQ(report.baseline(), "relu");
  EXPECT_EQ(report.examples(), kExamples);
  EXPECT_THAT(report.variants(1).seeds(), ElementsAre(0, 1, 2));
  EXPECT_THAT(report.variants(1).accuracies(), ElementsAre(0.91, 0.924, 0.911));
  EXPECT_TRUE(std::isnan(report.variants(1).mean_confidences(0)));
  ASSERT_THAT(report.contrasts(), SizeIs(1));
  const v1::SeedContrast& contrast = report.contrasts(0);
  EXPECT_TRUE(contrast.paired());
  EXPECT_NEAR(contrast.difference().value(), 0.01, 1e-12);
  constexpr double kStudent = 4.302652729911275;  // Of two degrees of freedom, two-sided 95 %.
  EXPECT_NEAR(contrast.difference().upper(), 0.01 + kStudent * 0.004 / std::sqrt(3), 1e-9);
  // With two degrees of freedom p = 1 - t / sqrt(t^2 + 2).
  const double t = 0.01 / (0.004 / std::sqrt(3));
  EXPECT_NEAR(contrast.p(), 1 - t / std::sqrt(t * t + 2), 1e-9);
  EXPECT_TRUE(contrast.has_hedges_g());
  EXPECT_GT(contrast.detectable_difference(), 0.01);
  EXPECT_EQ(contrast.verdict(), v1::ACCURACY_VERDICT_BETTER);
  EXPECT_THAT(report.omnibus().mean_ranks(), ElementsAre(2, 1));
}

TEST(SeedsTest, OtherSeedsAreTwoGroups) {
  const v1::SeedsReport report =
      Report(TenClasses(), {Checkpoint("relu", 0, 900), Checkpoint("relu", 1, 910),
                            Checkpoint("mish", 2, 911), Checkpoint("mish", 3, 905)});
  ASSERT_THAT(report.contrasts(), SizeIs(1));
  EXPECT_FALSE(report.contrasts(0).paired());
  EXPECT_NEAR(report.contrasts(0).difference().value(), 0.003, 1e-12);
  EXPECT_EQ(report.contrasts(0).verdict(), v1::ACCURACY_VERDICT_UNDECIDED);
  EXPECT_EQ(report.contrasts(0).detectable_difference(), 0);
  EXPECT_FALSE(report.has_omnibus());
  EXPECT_THAT(report.warnings(), ::testing::Contains(HasSubstr("two groups")));
  EXPECT_THAT(report.warnings(), ::testing::Contains(HasSubstr("relu has 2 seeds only")));
}

TEST(SeedsTest, OfOneSeedNothingIsKnown) {
  const v1::SeedsReport report =
      Report(TenClasses(), {Checkpoint("relu", 0, 100), Checkpoint("mish", 0, 999)});
  EXPECT_THAT(report.contrasts(), IsEmpty());
  EXPECT_FALSE(report.has_omnibus());
  EXPECT_TRUE(std::isinf(report.variants(0).mean_accuracy().upper()));
  EXPECT_THAT(report.headline(), HasSubstr("nothing is known about the activations"));
}

TEST(SeedsTest, TwoSeedsJudgeNothing) {
  const v1::SeedsReport report =
      Report(TenClasses(), {Checkpoint("a", 0, 900), Checkpoint("a", 1, 910),
                            Checkpoint("b", 0, 890), Checkpoint("b", 1, 901)});
  EXPECT_EQ(report.contrasts(0).verdict(), v1::ACCURACY_VERDICT_UNDECIDED);
  EXPECT_EQ(report.contrasts(0).seeds_needed(), 0);
}

TEST(SeedsTest, SurelyCloseIsEquivalent) {
  std::vector<v1::SeedPredictions> checkpoints;
  for (int seed = 0; seed < 5; ++seed) {
    checkpoints.push_back(Checkpoint("a", static_cast<uint64_t>(seed), 900 + seed));
    checkpoints.push_back(Checkpoint("b", static_cast<uint64_t>(seed), 901 + 2 * (seed % 2)));
  }
  const v1::SeedsReport report = Report(TenClasses(), checkpoints);
  EXPECT_EQ(report.contrasts(0).verdict(), v1::ACCURACY_VERDICT_EQUIVALENT);
}

TEST(SeedsTest, AllPairsAreComparedTogether) {
  v1::SeedsSetup setup = TenClasses();
  setup.set_all_pairs(true);
  std::vector<v1::SeedPredictions> checkpoints;
  for (const char* variant : {"a", "b", "c"}) {
    for (int seed = 0; seed < 4; ++seed) {
      checkpoints.push_back(Checkpoint(variant, static_cast<uint64_t>(seed), 500 + 7 * seed));
    }
  }
  const v1::SeedsReport report = Report(setup, checkpoints);
  EXPECT_THAT(report.contrasts(), SizeIs(3));
  for (const v1::SeedContrast& contrast : report.contrasts()) {
    EXPECT_EQ(contrast.p_adjusted(), 1);
    EXPECT_EQ(contrast.verdict(), v1::ACCURACY_VERDICT_UNDECIDED) << "no spread";
  }
  EXPECT_EQ(report.omnibus().p(), 1);
}

TEST(SeedsTest, MeanConfidenceIsOfThePredictions) {
  v1::SeedPredictions sure = Checkpoint("a", 0, 500);
  for (int i = 0; i < kExamples; ++i) sure.add_probability(i % 2 == 0 ? 1.0f : 0.5f);
  const v1::SeedsReport report = Report(TenClasses(), {sure, Checkpoint("b", 0, 500)});
  EXPECT_EQ(report.variants(0).mean_confidences(0), 0.75);
}

TEST(SeedsTest, WrongSetupsNameTheField) {
  const auto error = [](auto change) {
    v1::SeedsSetup setup = TenClasses();
    change(setup);
    return SeedsComparison::Make(setup).status();
  };
  EXPECT_THAT(error([](auto& setup) { setup.clear_labels(); }),
              StatusIs(kInvalid, HasSubstr("labels must be 1 to 4000000, got 0")));
  EXPECT_THAT(error([](auto& setup) { setup.set_labels(3, -2); }),
              StatusIs(kInvalid, HasSubstr("labels must be at least 0, got -2")));
  EXPECT_THAT(error([](auto& setup) { setup.set_margin(2); }),
              StatusIs(kInvalid, HasSubstr("margin")));
  EXPECT_THAT(error([](auto& setup) { setup.set_confidence(0.1); }),
              StatusIs(kInvalid, HasSubstr("confidence")));
}

TEST(SeedsTest, WrongPredictionsNameTheFieldAndAreNotCounted) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, SeedsComparison::Make(TenClasses()));
  const auto error = [&](auto change) {
    v1::SeedPredictions predictions = Checkpoint("a", 0, 1);
    change(predictions);
    return comparison.Add(predictions);
  };
  EXPECT_THAT(error([](auto& own) { own.set_variant(""); }),
              StatusIs(kInvalid, HasSubstr("variant must have 1 to 256 bytes, got 0")));
  EXPECT_THAT(error([](auto& own) { own.set_variant(std::string(257, 'x')); }),
              StatusIs(kInvalid, HasSubstr("got 257")));
  EXPECT_THAT(error([](auto& own) { own.add_predicted(0); }),
              StatusIs(kInvalid, HasSubstr("each of the 1000 labels, got 1001")));
  EXPECT_THAT(error([](auto& own) { own.add_probability(0.5); }),
              StatusIs(kInvalid, HasSubstr("probability must be none, or one for each")));
  for (const float bad : {-0.5f, 1.5f, std::nanf("")}) {
    EXPECT_THAT(error([&](auto& own) {
                  for (int i = 0; i < kExamples; ++i) own.add_probability(bad);
                }),
                StatusIs(kInvalid, HasSubstr("probability must be in [0, 1]")));
  }
  ACTIUM_ASSERT_OK(error([](auto&) {}));
  EXPECT_THAT(error([](auto&) {}), StatusIs(kInvalid, HasSubstr("seed 0 of 'a' is there twice")));
  v1::SeedsReport report;
  EXPECT_THAT(comparison.FillReport(report),
              StatusIs(kInvalid, HasSubstr("at least 2 variants, got 1")));
}

TEST(SeedsTest, BaselineMustBeOneOfThem) {
  v1::SeedsSetup setup = TenClasses();
  setup.set_baseline("gelu");
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, SeedsComparison::Make(setup));
  ACTIUM_ASSERT_OK(comparison.Add(Checkpoint("a", 0, 1)));
  ACTIUM_ASSERT_OK(comparison.Add(Checkpoint("b", 0, 1)));
  v1::SeedsReport report;
  EXPECT_THAT(comparison.FillReport(report), StatusIs(kInvalid, HasSubstr("got 'gelu'")));
}

TEST(SeedsTest, VariantsAreLimited) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto comparison, SeedsComparison::Make(TenClasses()));
  for (int i = 0; i < 32; ++i) {
    ACTIUM_ASSERT_OK(comparison.Add(Checkpoint(std::to_string(i), 0, 1)));
  }
  EXPECT_THAT(comparison.Add(Checkpoint("one more", 0, 1)),
              StatusIs(kInvalid, HasSubstr("at most 32")));
}

}  // namespace
}  // namespace actium::compare
