#include "server/repository/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using absl::StatusCode;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Returns the labels, or none after an error, which fails the test.
std::vector<std::string> Parsed(std::string_view text) {
  const auto labels = ParseLabels(text, "labels.txt");
  EXPECT_THAT(labels, test::IsOk());
  return labels.value_or(std::vector<std::string>{});
}

TEST(ParseLabelsTest, TakesALabelPerLine) {
  EXPECT_THAT(Parsed(""), IsEmpty());
  EXPECT_THAT(Parsed("a"), ElementsAre("a"));
  EXPECT_THAT(Parsed("a\nT-shirt/top\n"), ElementsAre("a", "T-shirt/top"));
  EXPECT_THAT(Parsed("a\r\nb\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(Parsed("\xEF\xBB\xBFone\n"), ElementsAre("one"));
  EXPECT_THAT(Parsed("a\n\nc\n\n"), ElementsAre("a", "", "c", ""));
}

TEST(ParseLabelsTest, NamesTheLineOfABadLabel) {
  EXPECT_THAT(ParseLabels("a\nb\xff\n", "labels.txt"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr("labels.txt:2: label must be UTF-8 without control characters")));
  EXPECT_THAT(ParseLabels(std::string("a\0b", 3), "labels.txt"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("labels.txt:1: ")));
  EXPECT_THAT(ParseLabels("a\n" + std::string(1025, 'x'), "labels.txt"),
              StatusIs(StatusCode::kInvalidArgument,
                       HasSubstr("labels.txt:2: label must have at most 1024 bytes, got 1025")));
}

TEST(ParseLabelsTest, BoundsHowManyThereAre) {
  EXPECT_EQ(Parsed(std::string(kMostLabels, '\n')).size(), kMostLabels);
  EXPECT_THAT(ParseLabels(std::string(kMostLabels + 1, '\n'), "labels.txt"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("at most 1000000 labels")));
  EXPECT_THAT(ParseLabels(std::string(kMostLabelFileBytes + 1, 'x'), "labels.txt"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("at most 16777216 bytes")));
}

class ReadLabelsTest : public ::testing::Test {
 protected:
  ReadLabelsTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "names");
    std::ofstream(folder_ / "names" / "labels.txt") << "shirt\nbag\n";
  }
  ~ReadLabelsTest() override { std::filesystem::remove_all(folder_); }

  auto Read(std::vector<std::string> filenames) const {
    ModelSettings settings;
    settings.label_filenames = std::move(filenames);
    return ReadLabels(settings, folder_);
  }

  std::filesystem::path folder_;
};

TEST_F(ReadLabelsTest, ReadsEachOutputsFile) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto labels, Read({"", "names/labels.txt"}));
  EXPECT_THAT(labels, ElementsAre(IsEmpty(), ElementsAre("shirt", "bag")));
}

TEST_F(ReadLabelsTest, ReportsAMissingFile) {
  EXPECT_THAT(
      Read({"lables.txt"}),
      StatusIs(StatusCode::kNotFound, HasSubstr("label_filename 'lables.txt': no such file")));
}

TEST_F(ReadLabelsTest, ReportsWhatIsNoFile) {
  EXPECT_THAT(Read({"names"}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("'names': must be a regular file")));
}

}  // namespace
}  // namespace actium::repository
