#ifndef ACTIUM_SERVER_LIBTORCH_ARCHIVE_H_
#define ACTIUM_SERVER_LIBTORCH_ARCHIVE_H_

// Internal to server/libtorch.

#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace actium::libtorch {

/// Most bytes of each of the records that LibTorch reads by recursion: the source files and
/// pickles.
inline constexpr size_t kMostProgramBytes = size_t{4} << 20;
/// Deepest brackets within brackets in a source file.
inline constexpr int kDeepestNesting = 1000;

/// Checks that a file is an undamaged TorchScript archive: a zip whose records have their checksums
/// and that holds a program. LibTorch itself checks no checksum and may crash on a damaged file.
/// Refuses programs that are larger or nested deeper than the limits above.
///
/// Cost: reads the file once. Errors: NOT_FOUND, INVALID_ARGUMENT.
absl::Status CheckArchive(const std::filesystem::path& file);

/// Returns the text of a file that torch.jit.save put into the archive by _extra_files; nothing if
/// there is none of that name.
///
/// Errors: NOT_FOUND if there is no archive, INVALID_ARGUMENT if it is none, or if the text is
/// longer than 1 MiB.
absl::StatusOr<std::optional<std::string>> ReadExtraFile(const std::filesystem::path& file,
                                                         const std::string& name);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_ARCHIVE_H_
