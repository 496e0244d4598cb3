#include "models/train/recipe.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <set>

#include "tests/support/status_matchers.h"

namespace actium::train {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

Recipe Mish() { return {.activation = "mish"}; }

// Each changes one field.
const std::vector<std::function<void(Recipe&)>> kChanges = {
    [](Recipe& r) { r.arch = "residual"; },
    [](Recipe& r) { r.activation = "relu"; },
    [](Recipe& r) { r.norm = false; },
    [](Recipe& r) { r.init = "torch"; },
    [](Recipe& r) { r.init_scale = 2; },
    [](Recipe& r) { r.epochs = 6; },
    [](Recipe& r) { r.batch = 64; },
    [](Recipe& r) { r.seed = 1; },
    [](Recipe& r) { r.learning_rate = 0.2; },
    [](Recipe& r) { r.momentum = 0.8; },
    [](Recipe& r) { r.weight_decay = 0; },
    [](Recipe& r) { r.flips = false; },
    [](Recipe& r) { r.shift = 2; }};

TEST(RecipeTest, EachFieldShowsInDescriptionAndCommand) {
  std::set<std::string> descriptions = {Describe(Mish())};
  std::set<std::string> commands = {CommandLine(Mish())};
  for (const auto& change : kChanges) {
    Recipe recipe = Mish();
    change(recipe);
    ACTIUM_EXPECT_OK(Validate(recipe));
    EXPECT_TRUE(descriptions.insert(Describe(recipe)).second) << Describe(recipe);
    EXPECT_TRUE(commands.insert(CommandLine(recipe)).second) << CommandLine(recipe);
  }
}

TEST(RecipeTest, TheCommandOfTheDefaultsIsShort) {
  EXPECT_EQ(CommandLine(Mish()), "--activation mish --epochs 5 --seed 0");
}

TEST(RecipeTest, RefusesValuesOutOfRangeByName) {
  const auto refused = [](const std::function<void(Recipe&)>& change, const char* why) {
    Recipe recipe = Mish();
    change(recipe);
    EXPECT_THAT(Validate(recipe), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  refused([](Recipe& r) { r.activation = "swash"; }, "got 'swash'");
  refused([](Recipe& r) { r.arch = "wide"; }, "arch must be plain or residual, got 'wide'");
  refused([](Recipe& r) { r.init = "zero"; }, "init must be variance-preserving or torch");
  refused([](Recipe& r) { r.init_scale = NAN; }, "init-scale must be in [1e-6, 1e6], got nan");
  refused([](Recipe& r) { r.epochs = 0; }, "epochs must be in [1, 10000], got 0");
  refused([](Recipe& r) { r.batch = 1; }, "batch must be in [2, 65536], got 1");
  refused([](Recipe& r) { r.learning_rate = -1; }, "lr must be in [0, 1000], got -1");
  refused([](Recipe& r) { r.momentum = 1; }, "momentum must be in [0, 0.9999], got 1");
  refused([](Recipe& r) { r.weight_decay = 2; }, "weight-decay must be in [0, 1], got 2");
  refused([](Recipe& r) { r.shift = 28; }, "shift must be in [0, 27], got 28");
}

}  // namespace
}  // namespace actium::train
