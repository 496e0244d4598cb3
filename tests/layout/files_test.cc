#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <string>
#include <vector>

#include "tests/layout/source_tree.h"

namespace actium::test {
namespace {

constexpr size_t kMostLines = 500;

bool Contains(const SourceFile& file, const std::string& text, size_t first_lines) {
  const size_t count = std::min(first_lines, file.lines.size());
  return std::any_of(file.lines.begin(), file.lines.begin() + static_cast<std::ptrdiff_t>(count),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

// A longer file says why in one of its first 20 lines: "Over 500 lines: <reason>".
TEST(FilesTest, NoneIsLongWithoutAReason) {
  for (const SourceFile& file :
       ReadSourceFiles({"proto", "server", "client", "models", "tests", "cmake"},
                       {".h", ".cc", ".proto", ".py", ".sh", ".cmake", "CMakeLists.txt"})) {
    EXPECT_TRUE(file.lines.size() <= kMostLines || Contains(file, "Over 500 lines: ", 20))
        << file.path << " has " << file.lines.size() << " lines";
  }
}

// Such names say nothing, and such files grow.
TEST(FilesTest, NoneIsNamedForBeingShared) {
  for (const SourceFile& file : ReadCxxFiles()) {
    for (const char* word : {"util", "common", "misc", "helper", "stuff"}) {
      EXPECT_EQ(file.path.find(word), std::string::npos) << file.path;
    }
  }
}

// The guard of server/base/clock.h is ACTIUM_SERVER_BASE_CLOCK_H_; client/include/actium/ counts as
// client/, which is how the library's users see it.
TEST(FilesTest, EveryHeaderHasTheGuardOfItsPath) {
  for (const SourceFile& file : ReadCxxFiles()) {
    if (!file.name().ends_with(".h") || file.name().ends_with("-inl.h")) continue;
    std::string guard = "ACTIUM_" + file.path + "_";
    const size_t at = guard.find("include/actium/");
    if (at != std::string::npos) guard.erase(at, 15);
    std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) {
      return std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
    });
    EXPECT_TRUE(Contains(file, "#ifndef " + guard, file.lines.size()))
        << file.path << " lacks " << guard;
  }
}

// server/cuda/host is actium::cuda::host. A header of macros only has no namespace.
TEST(FilesTest, EveryHeaderOfTheServerIsInItsFoldersNamespace) {
  for (const SourceFile& file : ReadSourceFiles({"server"}, {".h"})) {
    if (file.folder() == "server" || !Contains(file, "namespace ", file.lines.size())) continue;
    const std::string name =
        "namespace actium::" + std::regex_replace(file.folder().substr(7), std::regex("/"), "::");
    EXPECT_TRUE(Contains(file, name, file.lines.size())) << file.path << " lacks " << name;
  }
}

// Whether a CMakeLists.txt names a source: whole, or its varying part in a loop over
// `name_${variable}` or `${variable}_test`.
bool Names(const SourceFile& list, const SourceFile& source) {
  if (!source.path.starts_with(list.folder() + "/")) return false;
  const auto has = [&](const std::string& text) { return Contains(list, text, list.lines.size()); };
  std::string name = source.path.substr(list.folder().size() + 1);
  if (has(name)) return true;
  name.resize(name.size() - 3);  // Without ".cc".
  const std::string start = name.substr(0, name.rfind('_'));
  const bool is_test = name.ends_with("_test");
  return (has(name) && has("}.cc")) || has(start + "_${") ||
         (is_test && has(start) && has("}_test.cc"));
}

// A source that no target builds is dead code.
TEST(FilesTest, EverySourceIsBuilt) {
  const std::vector<SourceFile> lists =
      ReadSourceFiles({"server", "client", "models", "tests"}, {"CMakeLists.txt"});
  for (const SourceFile& file : ReadCxxFiles()) {
    if (!file.name().ends_with(".cc")) continue;
    const bool named = std::any_of(lists.begin(), lists.end(),
                                   [&](const SourceFile& list) { return Names(list, file); });
    EXPECT_TRUE(named) << file.path << " is in no CMakeLists.txt";
  }
}

// Work that is not done is said in an issue, not in the code.
TEST(FilesTest, NoneHasAReminder) {
  for (const SourceFile& file :
       ReadSourceFiles({"proto", "server", "client", "models"}, {".h", ".cc", ".proto"})) {
    for (const char* word : {"TODO", "FIXME", "(skeleton"}) {
      EXPECT_FALSE(Contains(file, word, file.lines.size())) << file.path << " has " << word;
    }
  }
}

}  // namespace
}  // namespace actium::test
