#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "client/cli/array_file.h"

namespace actium::cli {
namespace {

struct ElementType {
  std::string_view datatype;
  size_t bytes = 0;
};

std::optional<ElementType> TypeOf(uint8_t code) {
  switch (code) {
    case 0x08:
      return ElementType{"UINT8", 1};
    case 0x09:
      return ElementType{"INT8", 1};
    case 0x0b:
      return ElementType{"INT16", 2};
    case 0x0c:
      return ElementType{"INT32", 4};
    case 0x0d:
      return ElementType{"FP32", 4};
    case 0x0e:
      return ElementType{"FP64", 8};
    default:
      return std::nullopt;
  }
}

uint8_t ByteAt(std::string_view bytes, size_t index) { return static_cast<uint8_t>(bytes[index]); }

int64_t BigEndian32(std::string_view bytes, size_t at) {
  return int64_t{ByteAt(bytes, at)} << 24 | int64_t{ByteAt(bytes, at + 1)} << 16 |
         int64_t{ByteAt(bytes, at + 2)} << 8 | int64_t{ByteAt(bytes, at + 3)};
}

void ReverseEach(std::string& bytes, size_t element) {
  for (size_t i = 0; i + element <= bytes.size(); i += element) {
    std::reverse(bytes.begin() + static_cast<ptrdiff_t>(i),
                 bytes.begin() + static_cast<ptrdiff_t>(i + element));
  }
}

}  // namespace

bool LooksLikeIdx(std::string_view bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && TypeOf(ByteAt(bytes, 2)) &&
         bytes[3] != 0;
}

absl::StatusOr<Array> ParseIdx(std::string_view bytes) {
  if (!LooksLikeIdx(bytes)) return absl::InvalidArgumentError("no IDX file: wrong first 4 bytes");
  const ElementType type = *TypeOf(ByteAt(bytes, 2));
  const size_t rank = ByteAt(bytes, 3);
  const size_t header = 4 + 4 * rank;
  if (bytes.size() < header) return absl::InvalidArgumentError("truncated IDX header");

  Array array{.datatype = std::string(type.datatype), .shape = {}, .bytes = {}};
  auto expected = static_cast<int64_t>(type.bytes);
  for (size_t i = 0; i < rank; ++i) {
    array.shape.push_back(BigEndian32(bytes, 4 + 4 * i));
    if (__builtin_mul_overflow(expected, array.shape.back(), &expected)) {
      return absl::InvalidArgumentError("IDX header: more than 2^63 bytes");
    }
  }
  const std::string_view contents = bytes.substr(header);
  if (std::ssize(contents) != expected) {
    return absl::InvalidArgumentError(fmt::format("IDX of shape [{}] must have {} bytes, got {}",
                                                  fmt::join(array.shape, ", "), expected,
                                                  contents.size()));
  }
  array.bytes = contents;
  if (type.bytes > 1) ReverseEach(array.bytes, type.bytes);
  return array;
}

absl::StatusOr<Array> Slice(const Array& array, int64_t index) {
  if (array.shape.empty()) return absl::InvalidArgumentError("a single number has no elements");
  const int64_t count = array.shape.front();
  if (index < 0 || index >= count) {
    return absl::OutOfRangeError(fmt::format("index must be in [0, {}], got {}", count - 1, index));
  }
  const size_t stride = array.bytes.size() / static_cast<size_t>(count);
  return Array{.datatype = array.datatype,
               .shape = {array.shape.begin() + 1, array.shape.end()},
               .bytes = array.bytes.substr(static_cast<size_t>(index) * stride, stride)};
}

}  // namespace actium::cli
