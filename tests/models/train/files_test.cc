#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "models/train/atomic_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

TEST(WriteFileAtomicallyTest, MakesFoldersAndLeavesNoOtherFile) {
  const test::TempRepository folder;
  const auto path = folder.root() / "a" / "b" / "file";
  ACTIUM_ASSERT_OK(WriteFileAtomically(path, std::string("one\0two", 7)));
  EXPECT_EQ(*ReadFile(path), std::string("one\0two", 7));
  ACTIUM_ASSERT_OK(WriteFileAtomically(path, "three"));
  EXPECT_EQ(*ReadFile(path), "three");
  const std::filesystem::directory_iterator files(path.parent_path());
  EXPECT_EQ(std::distance(files, {}), 1);
}

TEST(WriteFileAtomicallyTest, NamesThePathThatCannotBeWritten) {
  const test::TempRepository folder;
  const auto file = folder.Write("file", "");
  EXPECT_THAT(WriteFileAtomically(file / "below", "x"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr((file / "below").string())));
}

TEST(WriteFileAtomicallyTest, KeepsTheOldFileWhenItFails) {
  const test::TempRepository folder;
  const auto target = folder.MakeParent("folder/old");
  std::filesystem::create_directory(target);  // A folder cannot be replaced by a file.
  folder.Write("folder/old/kept", "kept");
  EXPECT_FALSE(WriteFileAtomically(target, "x").ok());
  EXPECT_EQ(*ReadFile(target / "kept"), "kept");
}

TEST(ReadFileTest, TellsAMissingFileFromAnUnreadableOne) {
  EXPECT_THAT(ReadFile("/nowhere/file"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("file")));
  EXPECT_THAT(ReadFile("/"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("reading '/'")));
}

}  // namespace
}  // namespace actium::train
