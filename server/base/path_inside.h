#ifndef ACTIUM_SERVER_BASE_PATH_INSIDE_H_
#define ACTIUM_SERVER_BASE_PATH_INSIDE_H_

#include <filesystem>

namespace actium::base {

/// True if `path`, with all links resolved, is `root` or below; false if it does not exist.
/// root: as std::filesystem::canonical() gives it.
bool LiesInside(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_PATH_INSIDE_H_
