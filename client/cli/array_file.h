#ifndef ACTIUM_CLIENT_CLI_ARRAY_FILE_H_
#define ACTIUM_CLIENT_CLI_ARRAY_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// A dense array in row-major order, little-endian, as a file held it.
struct Array {
  std::string datatype;        ///< The protocol's name, as "UINT8".
  std::vector<int64_t> shape;  ///< Each >= 0.
  std::string bytes;
};

/// True if the bytes start like a gzip file.
bool LooksLikeGzip(std::string_view bytes);

/// Unpacks a gzip file's bytes.
///
/// Errors: INVALID_ARGUMENT (damaged or truncated), RESOURCE_EXHAUSTED (more than `most` bytes come
/// out).
absl::StatusOr<std::string> Gunzip(std::string_view bytes, int64_t most);

/// True if the bytes start like an IDX file: two zeros, an element type, a number of dimensions.
bool LooksLikeIdx(std::string_view bytes);

/// Reads an IDX file's bytes, the format of MNIST and its successors; big-endian elements are
/// turned around. Format: http://yann.lecun.com/exdb/mnist.
///
/// Errors: INVALID_ARGUMENT says what is wrong; contents must be exactly as long as the header
/// says.
absl::StatusOr<Array> ParseIdx(std::string_view bytes);

/// True if the bytes start like a file of NumPy's format .npy.
bool LooksLikeNpy(std::string_view bytes);

/// What the header of a .npy file says of the array behind it.
struct NpyHeader {
  std::string datatype;        ///< The protocol's name.
  std::vector<int64_t> shape;  ///< Each >= 0.
  int64_t array_bytes = 0;
  int64_t header_bytes = 0;  ///< From the begin of the file to the array.
};

/// Reads the header from a file's first bytes: at least the header, kMostNpyHeaderBytes suffice.
///
/// Errors: as ParseNpy()'s, but for the array's length.
absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view bytes);

/// Longest header that is read, bytes; NumPy writes longer ones for records of many fields only.
inline constexpr int64_t kMostNpyHeaderBytes = int64_t{1} << 16;

/// Reads a .npy file's bytes: versions 1 to 3, C order, little-endian booleans, integers and floats
/// of 2 to 8 bytes. Format: NumPy Enhancement Proposal 1.
///
/// Errors: INVALID_ARGUMENT says what is wrong or not supported.
absl::StatusOr<Array> ParseNpy(std::string_view bytes);

/// Returns one element of the first dimension, which is left out of the shape.
///
/// Errors: INVALID_ARGUMENT (no dimension), OUT_OF_RANGE names the range.
absl::StatusOr<Array> Slice(const Array& array, int64_t index);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_ARRAY_FILE_H_
