#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "models/train/atomic_file.h"
#include "models/train/sha256.h"
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

// FIPS 180-2, appendix B.
TEST(Sha256HexTest, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace actium::train
