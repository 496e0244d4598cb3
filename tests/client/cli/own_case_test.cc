// docs/comparing.md, "Your own models and pictures": its commands, typed in a folder such as the
// page describes, with two TorchScript models that take pictures in colours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/client/cli/encode_picture.h"
#include "tests/client/cli/run_actium.h"
#include "tests/support/temp_repository.h"
#include "tests/support/tiny_models.h"

namespace actium::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The blocks of a section in this language.
std::vector<std::string> Blocks(const std::string& heading, const std::string& language) {
  std::ifstream page(ACTIUM_SOURCE_DIR "/docs/comparing.md");
  std::vector<std::string> blocks;
  bool in_section = false;
  bool in_block = false;
  for (std::string line; std::getline(page, line);) {
    if (!in_block && line.starts_with("## ")) in_section = line == "## " + heading;
    if (!in_section) continue;
    if (in_block && line != "```") blocks.back() += line + "\n";
    if (line == "```" + language) blocks.emplace_back();
    in_block = line == "```" + language || (in_block && line != "```");
  }
  return blocks;
}

class OwnCaseTest : public ::testing::Test {
 protected:
  OwnCaseTest() {
    WriteModel("sharp", "8.0");
    WriteModel("soft", "1.0");
    WritePictures("pictures/validation", 10);
    WritePictures("pictures/test", 100);
    for (int i = 0; i < 20; ++i) {
      home_.Write("pictures/new/" + std::to_string(i) + ".png", EncodePng(Plain(i, i % 3)));
    }
    fs::create_directories(home_.root() / "build/release");
    fs::create_directory_symlink(ACTIUM_BINARY_DIR "/bin", home_.root() / "build/release/bin");
  }

  // Red against blue.
  void WriteModel(const std::string& name, const std::string& factor) {
    home_.Write("own/" + name + "/config.pbtxt", Blocks(kSection, "pbtxt").at(0));
    home_.Write("own/" + name + "/labels.txt", "red\nblue\n");
    SaveTinyModel(home_.MakeParent("own/" + name + "/1/model.pt"),
                  {.source = "def forward(self, picture):\n"
                             "  colours = picture.mean([2, 3])\n"
                             "  return torch.stack([colours[:, 0], colours[:, 2]], 1) * " +
                             factor + "\n",
                   .parameters = {},
                   .extra_files = {}});
  }

  // One colour, a little different each time.
  static cli::Image Plain(int number, int channel) {
    cli::Image image{.width = 40, .height = 30, .channels = 3, .pixels = {}};
    image.pixels.assign(40 * 30 * 3, static_cast<uint8_t>(number % 50));
    for (size_t i = static_cast<size_t>(channel); i < image.pixels.size(); i += 3) {
      image.pixels[i] = 200;
    }
    return image;
  }

  void WritePictures(const std::string& folder, int of_each) {
    for (int i = 0; i < of_each; ++i) {
      home_.Write(folder + "/blue/" + std::to_string(i) + ".png", EncodePng(Plain(i, 2)));
      home_.Write(folder + "/red/" + std::to_string(i) + ".jpg", EncodeJpeg(Plain(i, 0)));
    }
  }

  Outcome Type(const std::string& commands) {
    const std::string script = home_.Write("commands.sh", commands).string();
    return RunProgram({"/bin/bash", "-euo", "pipefail", "-c",
                       "cd '" + home_.root().string() + "' && source '" + script + "'"});
  }

  static constexpr char kSection[] = "Your own models and pictures";
  TempRepository home_;
};

TEST_F(OwnCaseTest, TheCommandsOfThePageShowWhatItSays) {
  const std::vector<std::string> commands = Blocks(kSection, "sh");
  ASSERT_THAT(commands, SizeIs(4));
  const Outcome labelled = Type(commands[0]);
  EXPECT_EQ(labelled.status, 0) << labelled.err;
  EXPECT_THAT(labelled.out, AllOf(HasSubstr("200 examples; 2 classes, found among the model's"),
                                  HasSubstr("converted, the first from 40 x 30 RGB to 32 x 32 RGB"),
                                  HasSubstr("100.00 %"), HasSubstr("P99 MS")));
  const Outcome unlabelled = Type(commands[1]);
  EXPECT_EQ(unlabelled.status, 0) << unlabelled.err;
  EXPECT_THAT(unlabelled.out, AllOf(HasSubstr("a folder of pictures without labels), 20 examples"),
                                    HasSubstr("KAPPA")));
  const Outcome selected = Type(commands[2]);
  EXPECT_EQ(selected.status, 0) << selected.err;
  EXPECT_THAT(selected.out, AllOf(HasSubstr("Accuracy on 20 examples, to choose by"),
                                  HasSubstr("soft against sharp on data that had no part")));
  const Outcome checked = Type(commands[3]);
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("--fail-if passes: soft.accuracy < sharp.accuracy - 5pp"));
}

}  // namespace
}  // namespace actium::test
