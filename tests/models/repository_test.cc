// The models in models/repository are what their cards say, made by this trainer.
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <filesystem>
#include <regex>
#include <string>

#include "models/train/atomic_file.h"
#include "models/train/evaluate.h"
#include "models/train/repository_folder.h"
#include "models/train/train_command.h"
#include "server/base/sha256.h"
#include "tests/support/status_matchers.h"

namespace actium::train {
namespace {

using ::testing::HasSubstr;

class ShippedModelTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Read(const std::string& file) const {
    const auto path = std::filesystem::path(ACTIUM_SOURCE_DIR) / "models" / "repository";
    return ReadFile(path / GetParam() / file).value_or("");
  }
};

TEST_P(ShippedModelTest, IsTheFileOfItsCard) {
  const std::string archive = Read("1/model.pt");
  ASSERT_FALSE(archive.empty());
  EXPECT_LE(archive.size(), 500'000u);
  const std::string card = Read("MODEL_CARD.md");
  EXPECT_THAT(card, HasSubstr(base::Sha256Hex(archive)));
  EXPECT_THAT(card,
              HasSubstr("actium-train --activation " + GetParam() + " --epochs 5 --seed 0\n"));
}

TEST_P(ShippedModelTest, HasTheConfigurationThatTheTrainerWrites) {
  EXPECT_EQ(Read("config.pbtxt"), ModelConfigText(GetParam(), {.activation = GetParam()}));
}

TEST_P(ShippedModelTest, TurnsPixelsIntoTenLogits) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Classifier classifier, LoadTorchScript(Read("1/model.pt")));
  const torch::Tensor logits =
      ComputeLogits(classifier, torch::randint(0, 256, {65, 1, 28, 28}).to(torch::kUInt8));
  EXPECT_EQ(logits.sizes(), torch::IntArrayRef({65, 10}));
  EXPECT_TRUE(logits.isfinite().all().item<bool>());
}

// The rectifier-like and smooth variants; the others are shipped to show the difference.
TEST_P(ShippedModelTest, IsAsAccurateAsPromised) {
  std::smatch match;
  const std::string card = Read("MODEL_CARD.md");
  ASSERT_TRUE(std::regex_search(card, match, std::regex("test accuracy \\| ([0-9.]+) %")));
  const bool baseline = GetParam() == "sigmoid" || GetParam() == "tanh" || GetParam() == "identity";
  EXPECT_GE(std::stod(match[1]), baseline ? 50.0 : 90.0);
}

INSTANTIATE_TEST_SUITE_P(Repository, ShippedModelTest, ::testing::ValuesIn(ShippedVariants()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace actium::train
