#include "client/cli/report_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "client/cli/exit_status.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

// Where a file of that name really lies: a link is followed, so that it stays one.
fs::path Resolved(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? path : real;
}

bool IsReplaceable(const fs::path& path) {
  std::error_code error;
  return !fs::exists(path, error) || fs::is_regular_file(path, error);
}

}  // namespace

absl::StatusOr<ReportFile> ReportFile::Open(const fs::path& path) {
  const fs::path real = Resolved(path);
  fs::path written = real;
  if (IsReplaceable(real)) written += fmt::format(".{}.new", getpid());
  ReportFile file(path, written);
  errno = 0;
  if (!std::ofstream(written, std::ios::binary | std::ios::app)) return file.Failed(errno);
  return file;
}

ReportFile::ReportFile(ReportFile&& other) noexcept
    : path_(std::move(other.path_)), written_(std::exchange(other.written_, {})) {}

ReportFile& ReportFile::operator=(ReportFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(written_, other.written_);
  return *this;
}

ReportFile::~ReportFile() {
  std::error_code error;
  if (!written_.empty() && IsReplaceable(written_)) fs::remove(written_, error);
}

absl::Status ReportFile::Commit(std::string_view contents) {
  errno = 0;
  std::ofstream stream(written_, std::ios::binary | std::ios::trunc);
  stream.write(contents.data(), std::ssize(contents));
  stream.close();
  if (!stream) return Failed(errno);
  if (!IsReplaceable(written_)) return absl::OkStatus();
  std::error_code error;
  fs::rename(written_, Resolved(path_), error);
  if (error) return Failed(error.value());
  written_.clear();
  return absl::OkStatus();
}

absl::Status ReportFile::Failed(int error) const {
  return With(ExitStatus::kBadFile,
              absl::InvalidArgumentError(
                  fmt::format("cannot write {}: {}", path_.string(), std::strerror(error))));
}

}  // namespace actium::cli
