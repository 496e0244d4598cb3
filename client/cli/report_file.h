#ifndef ACTIUM_CLIENT_CLI_REPORT_FILE_H_
#define ACTIUM_CLIENT_CLI_REPORT_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/statusor.h"

namespace actium::cli {

/// A file that is written whole or not at all. Made before the long work whose result it will hold,
/// so that a folder that cannot be written to is found out first.
///
/// The contents go to a new file beside it, which takes its name in Commit(); destroyed without
/// that, this object removes the new file and leaves what was there. What is no regular file, as
/// /dev/stdout, is written in place.
class ReportFile {
 public:
  /// Errors name the path and carry the exit status of a bad file.
  static absl::StatusOr<ReportFile> Open(const std::filesystem::path& path);

  ReportFile(ReportFile&& other) noexcept;
  ReportFile& operator=(ReportFile&& other) noexcept;
  ~ReportFile();

  /// Writes the contents and gives the file its name. Once only. Errors: as Open()'s.
  absl::Status Commit(std::string_view contents);

 private:
  ReportFile(std::filesystem::path path, std::filesystem::path written)
      : path_(std::move(path)), written_(std::move(written)) {}
  absl::Status Failed(int error) const;

  std::filesystem::path path_;
  std::filesystem::path written_;  // What is written to; empty: nothing to remove.
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_REPORT_FILE_H_
