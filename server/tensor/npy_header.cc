#include "server/tensor/npy_header.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "fmt/format.h"

namespace actium::tensor {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// Takes `length` little-endian bytes off the front as a number.
size_t TakeLength(std::string_view& bytes, size_t length) {
  size_t value = 0;
  for (size_t i = 0; i < length; ++i) {
    value |= static_cast<size_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  bytes.remove_prefix(length);
  return value;
}

// Returns what stands behind 'key': in the header, a Python dictionary; from the first character
// that is no blank.
std::optional<std::string_view> ValueOf(std::string_view header, std::string_view key) {
  const size_t at = header.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view value = header.substr(at + key.size() + 3);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

// The type of a description such as '<f4', with its quotes.
std::optional<DType> DTypeOf(std::string_view description) {
  constexpr std::pair<std::string_view, DType> kTypes[] = {
      {"'|b1'", DType::kBool},   {"'|u1'", DType::kUint8},  {"'|i1'", DType::kInt8},
      {"'<u2'", DType::kUint16}, {"'<i2'", DType::kInt16},  {"'<u4'", DType::kUint32},
      {"'<i4'", DType::kInt32},  {"'<u8'", DType::kUint64}, {"'<i8'", DType::kInt64},
      {"'<f2'", DType::kFp16},   {"'<f4'", DType::kFp32},   {"'<f8'", DType::kFp64}};
  for (const auto& [name, dtype] : kTypes) {
    if (description.starts_with(name)) return dtype;
  }
  return std::nullopt;
}

// Reads a tuple of numbers such as "(1, 28, 28)", "(3,)" or "()".
std::optional<Shape> ParseShape(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  Shape shape;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
    if (text.starts_with(')')) return shape;
    int64_t dimension = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dimension);
    if (error != std::errc() || dimension < 0) return std::nullopt;
    shape.push_back(dimension);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
}

}  // namespace

bool LooksLikeNpy(std::string_view bytes) { return bytes.starts_with(kMagic); }

absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view bytes) {
  const size_t all_bytes = bytes.size();
  if (!LooksLikeNpy(bytes)) return absl::InvalidArgumentError("no .npy file: wrong first 6 bytes");
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < 2) return absl::InvalidArgumentError("truncated .npy header");
  const auto version = static_cast<uint8_t>(bytes[0]);
  if (version < 1 || version > 3) {
    return absl::InvalidArgumentError(fmt::format(".npy version must be 1 to 3, got {}", version));
  }
  bytes.remove_prefix(2);
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (bytes.size() < length_bytes) return absl::InvalidArgumentError("truncated .npy header");
  const size_t length = TakeLength(bytes, length_bytes);
  if (bytes.size() < length) return absl::InvalidArgumentError("truncated .npy header");
  const std::string_view header = bytes.substr(0, length);

  const auto description = ValueOf(header, "descr");
  const auto order = ValueOf(header, "fortran_order");
  const auto shape_text = ValueOf(header, "shape");
  if (!description || !order || !shape_text) {
    return absl::InvalidArgumentError(".npy header must have descr, fortran_order and shape");
  }
  const auto dtype = DTypeOf(*description);
  if (!dtype) {
    return absl::InvalidArgumentError(fmt::format(
        ".npy element type {} is not supported: little-endian booleans, integers and floats are",
        description->substr(0, description->find(','))));
  }
  if (!order->starts_with("False")) {
    return absl::InvalidArgumentError(
        ".npy array must be in C order: save it with numpy.ascontiguousarray");
  }
  const auto shape = ParseShape(*shape_text);
  if (!shape) return absl::InvalidArgumentError(".npy header: shape is no tuple of numbers");

  const auto array_bytes = ByteCount(*dtype, *shape);
  if (!array_bytes) return absl::InvalidArgumentError(".npy header: more than 2^63 bytes");
  return NpyHeader{.dtype = *dtype,
                   .shape = *shape,
                   .array_bytes = *array_bytes,
                   .header_bytes = static_cast<int64_t>(all_bytes - bytes.size() + length)};
}

}  // namespace actium::tensor
