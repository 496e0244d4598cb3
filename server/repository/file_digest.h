#ifndef ACTIUM_SERVER_REPOSITORY_FILE_DIGEST_H_
#define ACTIUM_SERVER_REPOSITORY_FILE_DIGEST_H_

#include <cstddef>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"

namespace actium::repository {

/// Returns the SHA-256 of a file's bytes, lower-case hexadecimal. Errors: NOT_FOUND.
absl::StatusOr<std::string> Sha256OfFile(const std::filesystem::path& file);

/// Returns a file's bytes. Errors: NOT_FOUND, INVALID_ARGUMENT if there are more than most_bytes.
absl::StatusOr<std::string> ReadSmallFile(const std::filesystem::path& file, size_t most_bytes);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_FILE_DIGEST_H_
