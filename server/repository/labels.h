#ifndef ACTIUM_SERVER_REPOSITORY_LABELS_H_
#define ACTIUM_SERVER_REPOSITORY_LABELS_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/model_config.h"

namespace actium::repository {

/// Limits of a label file.
inline constexpr size_t kMostLabelFileBytes = size_t{16} << 20;
inline constexpr size_t kMostLabels = 1'000'000;
inline constexpr size_t kMostLabelBytes = 1024;

/// Reads labels, one a line: line i (from 0) is class i. A line's "\r", a byte-order mark and the
/// last line's end do not count; an empty line is an empty label.
///
/// text: untrusted. where: the file's name as messages shall show it.
/// Errors: INVALID_ARGUMENT names the line that is too long, no UTF-8 or has control characters; or
/// the limit.
absl::StatusOr<std::vector<std::string>> ParseLabels(std::string_view text, std::string_view where);

/// Reads the label files that the settings name: for each output its labels, empty without a file.
///
/// model_folder: where the settings' label_filenames start.
/// Errors: NOT_FOUND (no such file), INVALID_ARGUMENT (no regular file, and those of
/// ParseLabels()).
absl::StatusOr<std::vector<std::vector<std::string>>> ReadLabels(
    const ModelSettings& settings, const std::filesystem::path& model_folder);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_LABELS_H_
