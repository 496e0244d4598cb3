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
