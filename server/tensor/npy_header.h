#ifndef ACTIUM_SERVER_TENSOR_NPY_HEADER_H_
#define ACTIUM_SERVER_TENSOR_NPY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/tensor/dtype.h"
#include "server/tensor/shape.h"

namespace actium::tensor {

/// What the header of a .npy file says of the array behind it, which is dense, in C order and
/// little-endian.
struct NpyHeader {
  DType dtype = DType::kFp32;
  Shape shape;  ///< Each dimension >= 0.
  int64_t array_bytes = 0;
  int64_t header_bytes = 0;  ///< From the begin of the file to the array.
};

/// Longest header that is read, bytes; NumPy writes longer ones for records of many fields only.
inline constexpr int64_t kMostNpyHeaderBytes = int64_t{1} << 16;

/// True if the bytes start like a file of NumPy's format .npy.
bool LooksLikeNpy(std::string_view bytes);

/// Reads the header from a file's first bytes: at least the header, kMostNpyHeaderBytes suffice.
/// Versions 1 to 3; booleans, integers, and floats of 2 to 8 bytes.
/// Source: NumPy Enhancement Proposal 1.
///
/// Errors: INVALID_ARGUMENT says what is wrong, or is not supported.
absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view bytes);

}  // namespace actium::tensor

#endif  // ACTIUM_SERVER_TENSOR_NPY_HEADER_H_
