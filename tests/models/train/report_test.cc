// What a run tells people and programs: metrics, progress, the repository's texts.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "models/train/atomic_file.h"
#include "models/train/metrics.h"
#include "models/train/progress_bar.h"
#include "models/train/repository_folder.h"
#include "server/base/sha256.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Recipe kRecipe = {.activation = "leaky_relu", .seed = 3};
const Quality kQuality = {
    .validation_accuracy = 0.9234, .test_accuracy = 0.9111, .parameters = 72666};

TEST(MetricsTest, EachEpochIsOneLineOfJson) {
  const std::string line =
      MetricsLine(kRecipe, {.epoch = 2, .train_loss = 0.5, .validation_accuracy = 0.75});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["variant"], "leaky_relu");
  EXPECT_EQ(json["seed"], 3);
  EXPECT_EQ(json["epoch"], 2);
  EXPECT_EQ(json["train_loss"], 0.5);
  EXPECT_EQ(json["validation_accuracy"], 0.75);
}

TEST(MetricsTest, LinesAreAdded) {
  const test::TempRepository folder;
  const auto path = folder.root() / "runs" / "a.jsonl";
  ACTIUM_ASSERT_OK(AppendLine(path, "1\n"));
  ACTIUM_ASSERT_OK(AppendLine(path, "2\n"));
  EXPECT_EQ(*ReadFile(path), "1\n2\n");
  EXPECT_THAT(AppendLine("/proc/none/a", "1\n"),
              test::StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/proc/none/a")));
}

TEST(RenderProgressTest, ShowsShareRateAndTimeLeft) {
  const std::string line =
      RenderProgress("mish", 5, {.epoch = 2, .step = 25, .steps = 100, .images = 3200, .loss = 0.5},
                     std::chrono::seconds(4));
  EXPECT_EQ(line,
            "mish epoch 2/5 [######------------------]  25 %  loss 0.500  800 images/s  12 s left");
}

TEST(RenderProgressTest, StaysWithinALine) {
  const Progress progress = {
      .epoch = 10000, .step = 1, .steps = 1000000, .images = 65536, .loss = 123.4};
  EXPECT_LE(
      RenderProgress("a_name_that_is_far_too_long_for_it", 10000, progress, std::chrono::seconds(9))
          .size(),
      120u);
}

TEST(ModelConfigTextTest, NamesModelTensorsAndLabels) {
  const std::string text = ModelConfigText("leaky", kRecipe);
  EXPECT_THAT(text, HasSubstr("name: \"leaky\""));
  EXPECT_THAT(text, HasSubstr("data_type: TYPE_UINT8\n    dims: [ 1, 28, 28 ]"));
  EXPECT_THAT(text, HasSubstr("label_filename: \"labels.txt\""));
  EXPECT_THAT(text, HasSubstr("string_value: \"leaky_relu\""));
  EXPECT_THAT(text, Not(HasSubstr("instance_group")));
}

TEST(ModelCardTest, SaysHowGoodTheFileIsAndHowToMakeItAgain) {
  const std::string card = ModelCard("leaky_relu", kRecipe, kQuality, "archive");
  EXPECT_THAT(card, HasSubstr("92.34 % of 5,000 images"));
  EXPECT_THAT(card, HasSubstr("91.11 % of 10,000 images"));
  EXPECT_THAT(card, HasSubstr("7 bytes, SHA-256 `" + base::Sha256Hex("archive")));
  EXPECT_THAT(card, HasSubstr("actium-train --activation leaky_relu --epochs 5 --seed 3\n"));
  EXPECT_THAT(card, HasSubstr("random mirroring"));
  EXPECT_THAT(card, HasSubstr("72666"));
}

TEST(WriteRepositoryFolderTest, WritesWhatAServerReads) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK(
      WriteRepositoryFolder(folder.root(), "leaky_relu", kRecipe, kQuality, "archive"));
  const auto model = folder.root() / "leaky_relu";
  EXPECT_EQ(*ReadFile(model / "1" / "model.pt"), "archive");
  EXPECT_EQ(*ReadFile(model / "config.pbtxt"), ModelConfigText("leaky_relu", kRecipe));
  EXPECT_THAT(*ReadFile(model / "labels.txt"), ::testing::StartsWith("T-shirt/top\nTrouser\n"));
  EXPECT_THAT(*ReadFile(model / "MODEL_CARD.md"), HasSubstr("# leaky_relu"));
}

}  // namespace
}  // namespace actium::train
