#include "client/cli/data_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/exit_status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using cli::FindPart;
using ::testing::HasSubstr;

TEST(FindPartTest, IsASubFolderOfTheDataInEitherSpelling) {
  const TempRepository data;
  data.Write("val/cat/a.png", "");
  data.Write("test.npz", "");
  const std::string root = data.root().string();
  EXPECT_EQ(FindPart(root, "validation")->path, root + "/val");
  EXPECT_EQ(FindPart(root, "val")->path, root + "/val");
  EXPECT_EQ(FindPart(root, "test.npz")->path, root + "/test.npz");
  const absl::Status missing = FindPart(root, "train").status();
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound, HasSubstr(root + "/train")));
  EXPECT_EQ(cli::ExitStatusOf(missing), cli::ExitStatus::kBadFile);
}

TEST(FindPartTest, IsAPartOfIdxFiles) {
  const TempRepository data;
  data.Write("t10k-images-idx3-ubyte", "");
  const std::string root = data.root().string();
  EXPECT_EQ(FindPart(root, "val")->split, "validation");
  EXPECT_EQ(FindPart(root, "test")->split, "test");
  EXPECT_TRUE(FindPart(root, "test")->named);
  EXPECT_THAT(FindPart(root, "train"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("test and validation")));
}

TEST(FindPartTest, IsAPathWithoutData) {
  const TempRepository data;
  const auto part = FindPart("", data.root().string());
  ASSERT_THAT(part, IsOk());
  EXPECT_EQ(part->path, data.root().string());
  EXPECT_EQ(FindPart("", "/nowhere").status().code(), absl::StatusCode::kNotFound);
}

TEST(AreSameTest, ComparesWhatPathsMean) {
  const TempRepository data;
  const std::string root = data.root().string();
  EXPECT_TRUE(cli::AreSame({.path = root, .split = ""}, {.path = root + "/.", .split = "test"}));
  EXPECT_FALSE(
      cli::AreSame({.path = root, .split = "test"}, {.path = root, .split = "validation"}));
  EXPECT_FALSE(cli::AreSame({.path = root, .split = ""}, {.path = "/", .split = ""}));
}

}  // namespace
}  // namespace actium::test
