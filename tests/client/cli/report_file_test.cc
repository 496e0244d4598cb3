#include "client/cli/report_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "client/cli/exit_status.h"
#include "client/cli/image.h"
#include "tests/client/cli/run_actium.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

long CountFiles(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(ReportFileTest, HasItsNameOnlyWhenItIsWhole) {
  const test::ScratchFolder folder;
  const fs::path path = folder.path() / "report.html";
  auto file = ReportFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file->Commit("whole").ok());
  EXPECT_EQ(*ReadFile(path), "whole");
  EXPECT_EQ(CountFiles(folder.path()), 1);
}

TEST(ReportFileTest, WithoutACommitNothingIsLeftAndWhatWasThereStays) {
  const test::ScratchFolder folder;
  const std::string path = folder.Write("report.html", "old");
  {
    const auto file = ReportFile::Open(path);
    ASSERT_TRUE(file.ok()) << file.status();
  }
  EXPECT_EQ(*ReadFile(path), "old");
  EXPECT_EQ(CountFiles(folder.path()), 1);
}

TEST(ReportFileTest, ALinkStaysALink) {
  const test::ScratchFolder folder;
  const std::string path = folder.Write("report.html", "old");
  const fs::path link = folder.path() / "link.html";
  fs::create_symlink(path, link);
  auto file = ReportFile::Open(link);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE(file->Commit("new").ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(*ReadFile(path), "new");
}

TEST(ReportFileTest, WhatIsNoRegularFileIsWrittenInPlace) {
  auto file = ReportFile::Open("/dev/null");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->Commit("text").ok());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(ReportFileTest, AFileThatCannotBeWrittenIsNamedAtOnce) {
  const test::ScratchFolder folder;
  for (const fs::path& path : {folder.path(), fs::path("/nowhere/report.html")}) {
    const auto file = ReportFile::Open(path);
    EXPECT_THAT(std::string(file.status().message()), HasSubstr("cannot write " + path.string()));
    EXPECT_EQ(ExitStatusOf(file.status()), ExitStatus::kBadFile);
  }
}

}  // namespace
}  // namespace actium::cli
