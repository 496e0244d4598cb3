#ifndef ACTIUM_MODELS_TRAIN_ATOMIC_FILE_H_
#define ACTIUM_MODELS_TRAIN_ATOMIC_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace actium::train {

/// Writes `bytes` to `path`, making its folder, so that a reader sees the old file or the whole new
/// one.
///
/// Errors: UNAVAILABLE with the path and what the system says; then the old file is unchanged.
absl::Status WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes);

/// Returns the contents of a file.
///
/// Errors: NOT_FOUND if it is missing, UNAVAILABLE if it cannot be read; both with the path.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_ATOMIC_FILE_H_
