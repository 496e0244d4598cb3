#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/layout/source_tree.h"

namespace actium::test {
namespace {

namespace fs = std::filesystem;

std::vector<SourceFile> ReadPages() {
  std::vector<SourceFile> pages = ReadSourceFiles({"docs"}, {".md"});
  pages.push_back(ReadSourceFile("README.md"));
  return pages;
}

// Calls visit(page, line number, line) for each line.
template <class Visitor>
void ForEachLine(const std::vector<SourceFile>& pages, Visitor visit) {
  for (const SourceFile& page : pages) {
    for (size_t i = 0; i < page.lines.size(); ++i) visit(page, i + 1, page.lines[i]);
  }
}

// The first groups of all matches in a line.
std::vector<std::string> Matches(const std::string& line, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator match(line.begin(), line.end(), pattern), end; match != end; ++match) {
    found.push_back((*match)[1].str());
  }
  return found;
}

std::set<std::string> MakeTargets() {
  static const std::regex target("^([a-z-]+):");
  std::set<std::string> targets;
  for (const std::string& line : ReadSourceFile("Makefile").lines) {
    for (const std::string& name : Matches(line, target)) targets.insert(name);
  }
  return targets;
}

// All options ("--name") that occur in string literals of these folders.
std::set<std::string> OptionsIn(const std::vector<std::string>& folders) {
  static const std::regex option("(--[a-z0-9][a-z0-9-]*)");
  std::set<std::string> options = {"--help", "--version"};
  ForEachLine(ReadSourceFiles(folders, {".cc", ".h"}),
              [&](const SourceFile&, size_t, const std::string& line) {
                for (const std::string& name : Matches(line, option)) options.insert(name);
              });
  return options;
}

// Joins lines that end in a backslash with the next, so that a command is one line.
SourceFile WithWholeCommands(const SourceFile& page) {
  SourceFile joined{.path = page.path, .lines = {}};
  bool continues = false;
  for (const std::string& line : page.lines) {
    if (continues) {
      joined.lines.back() += " " + line;
    } else {
      joined.lines.push_back(line);
    }
    continues = joined.lines.back().ends_with('\\');
    if (continues) joined.lines.back().pop_back();
  }
  return joined;
}

TEST(DocsTest, EveryMakeTargetExists) {
  static const std::regex command("(?:^|`)make ([a-z][a-z-]*)");
  const std::set<std::string> targets = MakeTargets();
  ASSERT_TRUE(targets.contains("demo"));
  ForEachLine(ReadPages(), [&](const SourceFile& page, size_t number, const std::string& line) {
    for (const std::string& name : Matches(line, command)) {
      EXPECT_TRUE(targets.contains(name)) << page.path << ":" << number << ": make " << name;
    }
  });
}

TEST(DocsTest, EveryLinkedFileExists) {
  static const std::regex link(R"(\]\(([^)#:]+)(?:#[^)]*)?\))");
  ForEachLine(ReadPages(), [&](const SourceFile& page, size_t number, const std::string& line) {
    for (const std::string& target : Matches(line, link)) {
      EXPECT_TRUE(fs::exists(fs::path(ACTIUM_SOURCE_DIR) / page.folder() / target))
          << page.path << ":" << number << ": " << target;
    }
  });
}

// `server/base/clock.h` and the like, without placeholders.
TEST(DocsTest, EveryPathInCodeExists) {
  static const std::regex path(
      "`((?:proto|server|client|models|deploy|tests|cmake|docs)/[A-Za-z0-9_./-]*)`");
  ForEachLine(ReadPages(), [&](const SourceFile& page, size_t number, const std::string& line) {
    for (const std::string& name : Matches(line, path)) {
      EXPECT_TRUE(fs::exists(fs::path(ACTIUM_SOURCE_DIR) / name))
          << page.path << ":" << number << ": " << name;
    }
  });
}

TEST(DocsTest, EveryOptionOfOurProgramsExists) {
  static const std::regex command(R"((?:^|[`/ ])(actium(?:-server|-train)?) )");
  static const std::regex option("(--[a-z0-9][a-z0-9-]*)");
  const std::set<std::string> known = OptionsIn({"server", "client/cli", "models/train"});
  for (const SourceFile& page : ReadPages()) {
    const SourceFile joined = WithWholeCommands(page);
    for (const std::string& line : joined.lines) {
      std::smatch program;
      if (!std::regex_search(line, program, command)) continue;
      // What stands before it are options of another, as of `docker run`.
      for (const std::string& name : Matches(program.suffix(), option)) {
        EXPECT_TRUE(known.contains(name)) << page.path << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace actium::test
