#include "server/base/path_inside.h"

#include <algorithm>
#include <system_error>

namespace actium::base {

bool LiesInside(const std::filesystem::path& root, const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  if (error) return false;
  const auto [in_root, in_path] =
      std::mismatch(root.begin(), root.end(), resolved.begin(), resolved.end());
  return in_root == root.end();
}

}  // namespace actium::base
