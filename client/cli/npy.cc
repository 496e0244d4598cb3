#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "actium/tensors.h"
#include "client/cli/array_file.h"

namespace actium::cli {
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
std::optional<std::string_view> DatatypeOf(std::string_view description) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"'|b1'", "BOOL"},  {"'|u1'", "UINT8"},  {"'|i1'", "INT8"},  {"'<u2'", "UINT16"},
      {"'<i2'", "INT16"}, {"'<u4'", "UINT32"}, {"'<i4'", "INT32"}, {"'<u8'", "UINT64"},
      {"'<i8'", "INT64"}, {"'<f2'", "FP16"},   {"'<f4'", "FP32"},  {"'<f8'", "FP64"}};
  for (const auto& [name, datatype] : kTypes) {
    if (description.starts_with(name)) return datatype;
  }
  return std::nullopt;
}

// Reads a tuple of numbers such as "(1, 28, 28)", "(3,)" or "()".
std::optional<std::vector<int64_t>> ParseShape(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  std::vector<int64_t> shape;
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
  const auto datatype = DatatypeOf(*description);
  if (!datatype) {
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

  auto array_bytes = static_cast<int64_t>(client::ElementBytes(*datatype));
  for (const int64_t dimension : *shape) {
    if (__builtin_mul_overflow(array_bytes, dimension, &array_bytes)) {
      return absl::InvalidArgumentError(".npy header: more than 2^63 bytes");
    }
  }
  return NpyHeader{.datatype = std::string(*datatype),
                   .shape = *shape,
                   .array_bytes = array_bytes,
                   .header_bytes = static_cast<int64_t>(all_bytes - bytes.size() + length)};
}

absl::StatusOr<Array> ParseNpy(std::string_view bytes) {
  const auto header = ParseNpyHeader(bytes);
  if (!header.ok()) return header.status();
  const std::string_view contents = bytes.substr(static_cast<size_t>(header->header_bytes));
  if (std::ssize(contents) != header->array_bytes) {
    return absl::InvalidArgumentError(fmt::format(".npy of shape [{}] must have {} bytes, got {}",
                                                  fmt::join(header->shape, ", "),
                                                  header->array_bytes, contents.size()));
  }
  return Array{
      .datatype = header->datatype, .shape = header->shape, .bytes = std::string(contents)};
}

}  // namespace actium::cli
