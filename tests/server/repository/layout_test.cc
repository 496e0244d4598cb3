#include "server/repository/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::repository {
namespace {

namespace fs = std::filesystem;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<ModelFolder> Scan(const test::TempRepository& repository) {
  const std::vector<fs::path> roots = {repository.root()};
  auto folders = ScanRoots(roots);
  EXPECT_THAT(folders, test::IsOk());
  return folders.ok() ? *folders : std::vector<ModelFolder>{};
}

TEST(ScanRootsTest, ListsModelsByNameAndVersionsByNumber) {
  const test::TempRepository repository;
  repository.Write("mish/10/model.pt", "");
  repository.Write("mish/9/model.pt", "");
  repository.Write("elu/1/model.pt", "");
  const auto folders = Scan(repository);
  ASSERT_EQ(folders.size(), 2u);
  EXPECT_EQ(folders[0].name, "elu");
  EXPECT_EQ(folders[1].name, "mish");
  ACTIUM_EXPECT_OK(folders[1].status);
  EXPECT_THAT(folders[1].versions, ElementsAre(9, 10));
}

TEST(ScanRootsTest, WhatIsNoPositiveNumberIsNoVersion) {
  const test::TempRepository repository;
  for (const char* folder : {"1", "0", "01", "-3", "+4", "2x", "3.5", " 6", "labels",
                             "99999999999999999999", "9223372036854775807"}) {
    repository.Write(fs::path("m") / folder / "model.pt", "");
  }
  repository.Write("m/8", "a file");
  EXPECT_THAT(Scan(repository)[0].versions, ElementsAre(1, INT64_MAX));
}

TEST(ScanRootsTest, FilesAndHiddenFoldersAreNoModels) {
  const test::TempRepository repository;
  repository.Write("README.md", "hello");
  repository.Write(".git/1/model.pt", "");
  EXPECT_THAT(Scan(repository), IsEmpty());
}

TEST(ScanRootsTest, AFolderWithoutVersionSaysWhatBelongsThere) {
  const test::TempRepository repository;
  repository.Write("m/model.pt", "");
  EXPECT_THAT(Scan(repository)[0].status,
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("as 1/model.pt")));
}

TEST(ScanRootsTest, ALinkOutOfTheRepositoryIsRefusedAndOneInsideIsNot) {
  const test::TempRepository outside, repository;
  outside.Write("secret/1/model.pt", "");
  repository.Write("real/1/model.pt", "");
  fs::create_directory_symlink(outside.root() / "secret", repository.root() / "away");
  fs::create_directory_symlink(repository.root() / "real", repository.root() / "here");
  const auto folders = Scan(repository);
  ASSERT_EQ(folders.size(), 3u);
  EXPECT_EQ(folders[0].name, "away");
  EXPECT_THAT(folders[0].status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leads out")));
  EXPECT_EQ(folders[1].name, "here");
  ACTIUM_EXPECT_OK(folders[1].status);
}

TEST(ScanRootsTest, ANameInTwoRootsIsRefusedAndTheOthersAreNot) {
  const test::TempRepository first, second;
  first.Write("a/1/model.pt", "");
  first.Write("b/1/model.pt", "");
  second.Write("b/2/model.pt", "");
  second.Write("c/1/model.pt", "");
  const std::vector<fs::path> roots = {first.root(), second.root()};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto folders, ScanRoots(roots));
  ASSERT_EQ(folders.size(), 3u);
  ACTIUM_EXPECT_OK(folders[0].status);
  EXPECT_THAT(folders[1].status, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("several")));
  EXPECT_THAT(folders[1].versions, IsEmpty());
  ACTIUM_EXPECT_OK(folders[2].status);
}

TEST(ScanRootsTest, ARootThatIsNoFolderIsNotFound) {
  const test::TempRepository repository;
  repository.Write("file", "");
  for (const char* name : {"none", "file"}) {
    const std::vector<fs::path> roots = {repository.root() / name};
    EXPECT_THAT(ScanRoots(roots), StatusIs(absl::StatusCode::kNotFound, HasSubstr(name)));
  }
}

TEST(ResolveFileTest, FindsAFileAndNamesWhatItRefuses) {
  const test::TempRepository outside, repository;
  outside.Write("secret.pt", "");
  repository.Write("m/1/model.pt", "");
  fs::create_symlink(outside.root() / "secret.pt", repository.root() / "m/1/away.pt");
  const ModelFolder folder = Scan(repository)[0];
  ACTIUM_ASSERT_OK_AND_ASSIGN(const fs::path file, ResolveFile(folder, "1/model.pt"));
  EXPECT_EQ(file, fs::canonical(repository.root() / "m/1/model.pt"));
  EXPECT_THAT(ResolveFile(folder, "1/none.pt"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("1/none.pt")));
  EXPECT_THAT(ResolveFile(folder, "1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be a file")));
  EXPECT_THAT(ResolveFile(folder, "1/away.pt"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("inside")));
  EXPECT_THAT(ResolveFile(folder, "../../" + outside.root().filename().string() + "/secret.pt"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("inside")));
}

}  // namespace
}  // namespace actium::repository
