#include "server/repository/layout.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "fmt/format.h"
#include "server/base/path_inside.h"
#include "server/base/quote.h"

namespace actium::repository {
namespace {

namespace fs = std::filesystem;

std::optional<int64_t> ParseVersion(const std::string& name) {
  int64_t version = 0;
  const char* end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data(), end, version);
  // from_chars takes "-1" and "01": what is printed must be what was read.
  if (error != std::errc{} || parsed != end || version < 1) return std::nullopt;
  if (fmt::format("{}", version) != name) return std::nullopt;
  return version;
}

/// Fills in versions and status.
void ListVersions(ModelFolder& folder) {
  if (!base::LiesInside(folder.root, folder.path)) {
    folder.status =
        absl::InvalidArgumentError("its folder is a link that leads out of the repository");
    return;
  }
  std::error_code error;
  for (fs::directory_iterator entry(folder.path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::optional<int64_t> version = ParseVersion(entry->path().filename().string());
    std::error_code ignored;
    if (version && entry->is_directory(ignored)) folder.versions.push_back(*version);
  }
  std::ranges::sort(folder.versions);
  if (error) {
    folder.status =
        absl::InvalidArgumentError(fmt::format("its folder cannot be read: {}", error.message()));
  } else if (folder.versions.empty()) {
    folder.status = absl::NotFoundError(
        "it has no version folder: the model file belongs into a folder that is named by a number, "
        "as 1/model.pt");
  }
  if (!folder.status.ok()) folder.versions.clear();
}

absl::Status ScanRoot(const fs::path& given, std::vector<ModelFolder>& folders) {
  std::error_code error;
  const fs::path root = fs::canonical(given, error);
  if (error || !fs::is_directory(root, error)) {
    return absl::NotFoundError(
        fmt::format("model repository {}: there is no such folder", base::Quote(given.string())));
  }
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    std::error_code ignored;
    // MakeSettings() checks what a name may be.
    if (name.starts_with('.') || !entry->is_directory(ignored)) continue;
    folders.push_back({.name = std::move(name),
                       .root = root,
                       .path = entry->path(),
                       .versions = {},
                       .status = {}});
    ListVersions(folders.back());
  }
  if (!error) return absl::OkStatus();
  return absl::NotFoundError(fmt::format("model repository {} cannot be read: {}",
                                         base::Quote(given.string()), error.message()));
}

/// Makes one folder, with an error, of those that have the same name.
void MergeNamesakes(std::vector<ModelFolder>& folders) {
  for (size_t i = 1; i < folders.size();) {
    if (folders[i].name != folders[i - 1].name) {
      ++i;
      continue;
    }
    folders[i - 1].status =
        absl::AlreadyExistsError("several model repositories have a folder of this name");
    folders[i - 1].versions.clear();
    folders.erase(folders.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

absl::StatusOr<std::vector<ModelFolder>> ScanRoots(std::span<const fs::path> roots) {
  std::vector<ModelFolder> folders;
  for (const fs::path& root : roots) {
    if (absl::Status status = ScanRoot(root, folders); !status.ok()) return status;
  }
  std::ranges::stable_sort(folders, {}, &ModelFolder::name);
  MergeNamesakes(folders);
  return folders;
}

absl::StatusOr<fs::path> ResolveFile(const ModelFolder& folder, const fs::path& relative) {
  const std::string shown = base::Quote(relative.string());
  std::error_code error;
  const fs::path resolved = fs::canonical(folder.path / relative, error);
  if (error) return absl::NotFoundError(fmt::format("there is no file {}", shown));
  if (!base::LiesInside(folder.root, resolved)) {
    return absl::InvalidArgumentError(
        fmt::format("{} must lie inside of the model repository", shown));
  }
  if (!fs::is_regular_file(resolved, error)) {
    return absl::InvalidArgumentError(fmt::format("{} must be a file", shown));
  }
  return resolved;
}

}  // namespace actium::repository
