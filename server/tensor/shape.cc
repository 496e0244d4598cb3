#include "server/tensor/shape.h"

#include <fmt/format.h>

#include <algorithm>

namespace actium::tensor {
namespace {

// Returns first * shape[0] * shape[1] * …; a zero wins over an overflow before it.
std::optional<int64_t> CheckedProduct(int64_t first, std::span<const int64_t> shape) {
  if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size < 0; }))
    return std::nullopt;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  int64_t product = first;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

}  // namespace

std::optional<int64_t> ElementCount(std::span<const int64_t> shape) {
  return CheckedProduct(1, shape);
}

std::optional<int64_t> ByteCount(DType dtype, std::span<const int64_t> shape) {
  const size_t element = ElementBytes(dtype);
  if (element == 0) return std::nullopt;
  return CheckedProduct(static_cast<int64_t>(element), shape);
}

int64_t Product(std::span<const int64_t> shape, size_t first, size_t last) {
  int64_t product = 1;
  for (size_t i = first; i < last; ++i) product *= shape[i];
  return product;
}

std::string ToString(std::span<const int64_t> shape) {
  constexpr size_t kShown = 16;
  const auto shown = shape.first(std::min(shape.size(), kShown));
  return fmt::format("[{}{}]", fmt::join(shown, ", "), shape.size() > kShown ? ", ..." : "");
}

}  // namespace actium::tensor
