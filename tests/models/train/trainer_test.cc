#include "models/train/trainer.h"

#include <gmock/gmock.h>

#include "models/train/atomic_file.h"
#include "models/train/evaluate.h"
#include "models/train/train_command.h"
#include "models/zoo/export.h"
#include "tests/models/train/synthetic_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

// Small enough for a test, and learned within seconds.
Recipe SmallRecipe(const std::string& activation = "relu") {
  return {.activation = activation, .epochs = 3, .batch = 16, .learning_rate = 0.05};
}

class TrainerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> TrainedBytes(const Recipe& recipe, const std::string& checkpoint,
                                           const Listeners& listeners = {}) {
    ACTIUM_ASSIGN_OR_RETURN(const auto network,
                            Train(recipe, split_, folder_.root() / checkpoint, listeners));
    return zoo::ExportTorchScript(*network, {});
  }

  const test::TempRepository folder_;
  const Split split_ = {.train = test::BarImages(200, 1),
                        .validation = test::BarImages(50, 2),
                        .test = test::BarImages(50, 3)};
};

TEST_F(TrainerTest, LearnsAnEasyTask) {
  std::vector<EpochResult> epochs;
  const Listeners listeners = {.on_epoch = [&](const EpochResult& e) { epochs.push_back(e); }};
  Recipe recipe = SmallRecipe("mish");
  recipe.epochs = 6;
  ACTIUM_ASSERT_OK(Train(recipe, split_, folder_.root() / "run", listeners));
  ASSERT_EQ(epochs.size(), 6u);
  EXPECT_LT(epochs.back().train_loss, 0.5 * epochs.front().train_loss);
  EXPECT_GT(epochs.back().validation_accuracy, 0.9);
  EXPECT_DOUBLE_EQ(epochs.front().learning_rate, recipe.learning_rate);
}

TEST_F(TrainerTest, EqualRunsGiveEqualBytesAndAnotherSeedDoesNot) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string first, TrainedBytes(SmallRecipe(), "a"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string second, TrainedBytes(SmallRecipe(), "b"));
  EXPECT_EQ(first, second);
  Recipe other = SmallRecipe();
  other.seed = 1;
  EXPECT_NE(*TrainedBytes(other, "c"), first);
}

// PReLU has a second group of parameters in the optimiser, whose state must come back too.
TEST_F(TrainerTest, AnInterruptedRunGoesOnToTheSameBytes) {
  for (const std::string activation : {"relu", "prelu"}) {
    const Recipe recipe = SmallRecipe(activation);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string whole, TrainedBytes(recipe, activation + "1"));

    struct Interruption {};
    const Listeners interrupt = {.on_step = [](const Progress& progress) {
      if (progress.epoch == 2 && progress.step == 5) throw Interruption();
    }};
    EXPECT_THROW(TrainedBytes(recipe, activation + "2", interrupt).status().IgnoreError(),
                 Interruption);
    std::vector<int> epochs;
    const Listeners count = {.on_epoch = [&](const EpochResult& e) { epochs.push_back(e.epoch); }};
    EXPECT_EQ(*TrainedBytes(recipe, activation + "2", count), whole) << activation;
    EXPECT_THAT(epochs, ::testing::ElementsAre(2, 3));
  }
}

TEST_F(TrainerTest, ACheckpointOfAnotherRecipeIsNotTakenUp) {
  ACTIUM_ASSERT_OK(TrainedBytes(SmallRecipe(), "run"));
  Recipe other = SmallRecipe();
  other.learning_rate = 0.04;
  std::vector<int> epochs;
  const Listeners count = {.on_epoch = [&](const EpochResult& e) { epochs.push_back(e.epoch); }};
  ACTIUM_ASSERT_OK(TrainedBytes(other, "run", count));
  EXPECT_THAT(epochs, ::testing::ElementsAre(1, 2, 3));
}

TEST_F(TrainerTest, ADamagedCheckpointIsNamed) {
  folder_.Write("run", "no checkpoint");
  EXPECT_THAT(TrainedBytes(SmallRecipe(), "run"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr("run' is damaged"), HasSubstr("delete it"))));
}

TEST_F(TrainerTest, DivergenceIsReportedWithItsPlace) {
  Recipe recipe = SmallRecipe("identity");
  recipe.norm = false;
  recipe.learning_rate = 1000;
  EXPECT_THAT(TrainedBytes(recipe, "run"),
              StatusIs(absl::StatusCode::kAborted,
                       ::testing::AllOf(HasSubstr("training identity diverged: the loss is "),
                                        HasSubstr("epoch 1, step"))));
}

TEST_F(TrainerTest, TheResidualNetworkTrainsToo) {
  Recipe recipe = SmallRecipe("swish");
  recipe.arch = "residual";
  recipe.shift = 1;
  recipe.epochs = 1;
  ACTIUM_EXPECT_OK(TrainedBytes(recipe, "run"));
}

TEST_F(TrainerTest, WeightDecayLeavesLearnedSlopesAlone) {
  Recipe recipe = SmallRecipe("prelu");
  recipe.epochs = 1;
  recipe.weight_decay = 1;
  recipe.learning_rate = 1e-3;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network,
                              Train(recipe, split_, folder_.root() / "run", {}));
  for (const auto& parameter : network->named_parameters()) {
    if (!parameter.key().ends_with("slope")) continue;
    // With decay, 13 steps would take 0.25 down by about 3 %; the gradient moves it far less.
    EXPECT_NEAR(parameter.value().mean().item<double>(), 0.25, 0.004) << parameter.key();
  }
}

TEST(TrainVariantsTest, RefusesABadVariantBeforeAnythingIsTrained) {
  const test::TempRepository folder;
  const Places places = {
      .data = folder.root(), .repository = folder.root() / "out", .runs = folder.root() / "runs"};
  EXPECT_THAT(TrainVariants({"relu", "swash"}, {}, places),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("swash")));
  EXPECT_FALSE(std::filesystem::exists(places.runs));
}

TEST(TrainVariantsTest, TheShippedVariantsAreKnown) {
  EXPECT_EQ(ShippedVariants().size(), 11u);
  for (const std::string& variant : ShippedVariants()) {
    ACTIUM_EXPECT_OK(Validate({.activation = variant}));
  }
}

}  // namespace
}  // namespace actium::train
