#include "tests/layout/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace actium::test {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = ACTIUM_SOURCE_DIR;

bool EndsInOneOf(std::string_view name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return name.ends_with(ending); });
}

}  // namespace

std::string SourceFile::name() const { return fs::path(path).filename().string(); }
std::string SourceFile::folder() const { return fs::path(path).parent_path().string(); }

SourceFile ReadSourceFile(const std::string& path) {
  SourceFile file{.path = path, .lines = {}};
  std::ifstream stream(kRoot / path);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

std::vector<SourceFile> ReadSourceFiles(const std::vector<std::string>& folders,
                                        const std::vector<std::string>& endings) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (!entry.is_regular_file() || !EndsInOneOf(entry.path().string(), endings)) continue;
      files.push_back(ReadSourceFile(entry.path().lexically_relative(kRoot).string()));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<SourceFile> ReadCxxFiles() {
  return ReadSourceFiles({"proto", "server", "client", "models", "tests"}, {".h", ".cc"});
}

std::vector<Include> IncludesOf(const SourceFile& file) {
  std::vector<Include> includes;
  for (size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    const size_t hash = line.find_first_not_of(' ');
    if (hash == std::string::npos || line.compare(hash, 8, "#include") != 0) continue;
    const size_t open = line.find_first_of("<\"", hash);
    if (open == std::string::npos) continue;
    const size_t close = line.find_first_of(">\"", open + 1);
    if (close == std::string::npos) continue;
    includes.push_back({.path = line.substr(open + 1, close - open - 1),
                        .quoted = line[open] == '"',
                        .line = static_cast<int>(i) + 1});
  }
  return includes;
}

}  // namespace actium::test
