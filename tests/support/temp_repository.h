#ifndef ACTIUM_TESTS_SUPPORT_TEMP_REPOSITORY_H_
#define ACTIUM_TESTS_SUPPORT_TEMP_REPOSITORY_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "server/base/status_macros.h"

namespace actium::test {

/// A model repository, or any folder, under the system's temporary folder; removed with the object.
class TempRepository {
 public:
  TempRepository() {
    std::string name = (std::filesystem::temp_directory_path() / "actium-test-XXXXXX").string();
    ACTIUM_CHECK(mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  ~TempRepository() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TempRepository(const TempRepository&) = delete;
  TempRepository& operator=(const TempRepository&) = delete;

  const std::filesystem::path& root() const { return root_; }

  /// Writes a file, and the folders above it. path: relative to the root. Returns the whole path.
  std::filesystem::path Write(const std::filesystem::path& path, std::string_view content) const {
    const std::filesystem::path whole = MakeParent(path);
    std::ofstream stream(whole, std::ios::binary | std::ios::trunc);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    ACTIUM_CHECK(!stream.fail());
    return whole;
  }

  /// Makes the folders above a file that somebody else writes. Returns the whole path.
  std::filesystem::path MakeParent(const std::filesystem::path& path) const {
    const std::filesystem::path whole = root_ / path;
    std::filesystem::create_directories(whole.parent_path());
    return whole;
  }

 private:
  std::filesystem::path root_;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_TEMP_REPOSITORY_H_
