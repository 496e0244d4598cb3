#include "server/repository/file_digest.h"

#include <fstream>
#include <span>
#include <vector>

#include "fmt/format.h"
#include "server/base/sha256.h"

namespace actium::repository {
namespace {

absl::Status CannotRead(const std::filesystem::path& file) {
  return absl::NotFoundError(fmt::format("{} cannot be read", file.filename().string()));
}

}  // namespace

absl::StatusOr<std::string> Sha256OfFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return CannotRead(file);
  base::Sha256 digest;
  std::vector<char> chunk(size_t{1} << 18);
  while (stream) {
    stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    digest.Update(std::as_bytes(std::span(chunk)).first(static_cast<size_t>(stream.gcount())));
  }
  if (stream.bad()) return CannotRead(file);
  return digest.Finish();
}

absl::StatusOr<std::string> ReadSmallFile(const std::filesystem::path& file, size_t most_bytes) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return CannotRead(file);
  std::string bytes(most_bytes + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (stream.bad()) return CannotRead(file);
  bytes.resize(static_cast<size_t>(stream.gcount()));
  if (bytes.size() <= most_bytes) return bytes;
  return absl::InvalidArgumentError(
      fmt::format("{} must be at most {} bytes", file.filename().string(), most_bytes));
}

}  // namespace actium::repository
