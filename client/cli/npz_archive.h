#ifndef ACTIUM_CLIENT_CLI_NPZ_ARCHIVE_H_
#define ACTIUM_CLIENT_CLI_NPZ_ARCHIVE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace actium::cli {

/// What an array is, before its elements are read.
struct ArrayHeader {
  std::string datatype;        ///< The protocol's name.
  std::vector<int64_t> shape;  ///< Each >= 0.
  int64_t bytes = 0;
};

/// A zip archive of .npy files, as numpy.savez() writes it. One array is read at a time, from its
/// front to its end. Used by one thread at a time.
///
/// Whatever an archive claims, nothing is allocated for more than what was unpacked, and the
/// checksum of an array that was read to its end is compared.
class NpzArchive {
 public:
  /// Errors: INVALID_ARGUMENT (no zip archive, a damaged directory, more than 1,000 files).
  static absl::StatusOr<std::unique_ptr<NpzArchive>> Open(const std::filesystem::path& file);

  NpzArchive(const NpzArchive&) = delete;
  NpzArchive& operator=(const NpzArchive&) = delete;
  ~NpzArchive();

  /// Names of the arrays, as the archive has them but without ".npy".
  const std::vector<std::string>& names() const { return names_; }

  /// Goes to the begin of an array; its header is returned.
  ///
  /// name: one of names(). Errors: INVALID_ARGUMENT (damaged, encrypted or packed another way than
  /// NumPy does, a header that tensor::ParseNpyHeader() refuses, a length that does not fit it).
  absl::StatusOr<ArrayHeader> Begin(const std::string& name);

  /// Reads the next bytes of that array; all of them, or it is an error. bytes: >= 0.
  ///
  /// Errors: INVALID_ARGUMENT (truncated or damaged; at the array's end, a wrong checksum).
  absl::StatusOr<std::string> Read(int64_t bytes);

  /// Passes over the next bytes; Read()'s errors.
  absl::Status Skip(int64_t bytes);

 private:
  explicit NpzArchive(void* zip) : zip_(zip) {}
  absl::Status List();
  /// Adds the next bytes to `to`, if it is given. Errors: Read()'s.
  absl::Status Take(int64_t bytes, std::string* to);
  absl::Status CheckEnd();

  void* const zip_;  // minizip's handle.
  std::vector<std::string> names_;
  bool reading_ = false;
  int64_t left_ = 0;     // Bytes of the array that were not read yet.
  std::string pending_;  // Of them, those that were read with the header.
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_NPZ_ARCHIVE_H_
