#ifndef ACTIUM_SERVER_TENSOR_SHAPE_H_
#define ACTIUM_SERVER_TENSOR_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/container/inlined_vector.h"
#include "server/tensor/dtype.h"

namespace actium::tensor {

/// In a declared shape: any size >= 0 fits.
inline constexpr int64_t kAnySize = -1;

/// Sizes of a tensor's dimensions, outermost first. Rank 0 is a scalar.
using Shape = absl::InlinedVector<int64_t, 6>;

/// Returns the product of the dimensions; nothing if one is negative or the product exceeds 2^63-1.
std::optional<int64_t> ElementCount(std::span<const int64_t> shape);

/// Returns the bytes of a dense tensor; nothing where ElementCount() is nothing, the product
/// exceeds 2^63-1, or the type has no fixed size.
std::optional<int64_t> ByteCount(DType dtype, std::span<const int64_t> shape);

/// Returns the product of the dimensions [first, last), or of all; none is negative, and it fits.
int64_t Product(std::span<const int64_t> shape, size_t first, size_t last);
inline int64_t Elements(std::span<const int64_t> shape) { return Product(shape, 0, shape.size()); }

/// Returns "[2, 1, 28, 28]". Of more than 16 dimensions the first 16 are shown.
std::string ToString(std::span<const int64_t> shape);

}  // namespace actium::tensor

#endif  // ACTIUM_SERVER_TENSOR_SHAPE_H_
