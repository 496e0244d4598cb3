#ifndef ACTIUM_SERVER_REPOSITORY_LAYOUT_H_
#define ACTIUM_SERVER_REPOSITORY_LAYOUT_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// How models lie on disk: <root>/<model>/config.pbtxt and <root>/<model>/<version>/<model file>.
namespace actium::repository {

/// One model's folder.
struct ModelFolder {
  std::string name;            ///< The folder's, which is the model's.
  std::filesystem::path root;  ///< The repository that it lies in, resolved.
  std::filesystem::path path;  ///< <root>/<name>.
  /// Numbers of the version folders, ascending, each >= 1. Folders whose name is no such number (in
  /// decimal, without sign or leading zero) are not versions.
  std::vector<int64_t> versions;
  /// Not OK: why nothing of it can be served; then versions is empty.
  absl::Status status;
};

/// Lists the model folders of all roots, by name. Files, and folders whose name begins with a dot,
/// are no models. A folder that is broken, leads out of its root, or has a namesake in another root
/// is listed with its status.
///
/// Errors: NOT_FOUND if a root is no folder that can be read.
absl::StatusOr<std::vector<ModelFolder>> ScanRoots(std::span<const std::filesystem::path> roots);

/// Returns the regular file <folder.path>/<relative> with all links resolved.
///
/// Errors: NOT_FOUND (no such file), INVALID_ARGUMENT (no regular file, or it lies outside of
/// folder.root); both name it relative to the model's folder.
absl::StatusOr<std::filesystem::path> ResolveFile(const ModelFolder& folder,
                                                  const std::filesystem::path& relative);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_LAYOUT_H_
