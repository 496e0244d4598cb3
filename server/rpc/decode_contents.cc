#include "server/rpc/decode_contents.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <string_view>

namespace actium::rpc {
namespace {

using ::inference::InferTensorContents;
using tensor::DType;
using Bytes = std::span<const std::byte>;

// Fields of InferTensorContents, in the order of their numbers.
enum Field { kBools, kInts, kInt64s, kUints, kUint64s, kFp32s, kFp64s, kByteStrings, kNone };
constexpr std::array<std::string_view, 8> kFieldNames = {
    "bool_contents",   "int_contents",  "int64_contents", "uint_contents",
    "uint64_contents", "fp32_contents", "fp64_contents",  "bytes_contents"};

Field FieldOf(DType dtype) {
  switch (dtype) {
    case DType::kBool:
      return kBools;
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
      return kInts;
    case DType::kInt64:
      return kInt64s;
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
      return kUints;
    case DType::kUint64:
      return kUint64s;
    case DType::kFp32:
      return kFp32s;
    case DType::kFp64:
      return kFp64s;
    case DType::kBytes:
      return kByteStrings;
    case DType::kFp16:
    case DType::kBf16:
      break;
  }
  return kNone;
}

absl::Status CheckFields(const InferTensorContents& contents, DType dtype) {
  const std::array<int, 8> sizes = {
      contents.bool_contents_size(),   contents.int_contents_size(),
      contents.int64_contents_size(),  contents.uint_contents_size(),
      contents.uint64_contents_size(), contents.fp32_contents_size(),
      contents.fp64_contents_size(),   contents.bytes_contents_size()};
  const Field own = FieldOf(dtype);
  if (own == kNone) {
    return absl::InvalidArgumentError(
        fmt::format("contents of {} must be in raw_input_contents", tensor::Name(dtype)));
  }
  for (size_t field = 0; field < sizes.size(); ++field) {
    if (sizes[field] == 0 || field == own) continue;
    return absl::InvalidArgumentError(fmt::format("contents of {} must be in {}, got {}",
                                                  tensor::Name(dtype), kFieldNames[own],
                                                  kFieldNames[field]));
  }
  return absl::OkStatus();
}

template <class T>
Bytes View(const google::protobuf::RepeatedField<T>& elements) {
  return std::as_bytes(std::span(elements.data(), static_cast<size_t>(elements.size())));
}

template <class Narrow, class Wide>
absl::StatusOr<Bytes> Convert(const google::protobuf::RepeatedField<Wide>& elements, Field field,
                              DType dtype, std::vector<std::string>& converted) {
  std::string bytes(static_cast<size_t>(elements.size()) * sizeof(Narrow), '\0');
  char* at = bytes.data();
  for (const Wide value : elements) {
    const auto narrow = static_cast<Narrow>(value);
    if (narrow != value) {
      return absl::InvalidArgumentError(fmt::format(
          "{} of {} must be in [{}, {}], got {}", kFieldNames[field], tensor::Name(dtype),
          +std::numeric_limits<Narrow>::min(), +std::numeric_limits<Narrow>::max(), value));
    }
    std::memcpy(at, &narrow, sizeof(narrow));
    at += sizeof(narrow);
  }
  // A moved string keeps its heap buffer, but a short one lies inside the string itself: the view
  // is made of the element in its final place, and the caller has reserved all places.
  const std::string& kept = converted.emplace_back(std::move(bytes));
  return std::as_bytes(std::span(kept));
}

}  // namespace

absl::StatusOr<Bytes> TypedContents(const InferTensorContents& contents, DType dtype,
                                    std::vector<std::string>& converted) {
  if (absl::Status status = CheckFields(contents, dtype); !status.ok()) return status;
  switch (dtype) {
    case DType::kBool:
      return View(contents.bool_contents());
    case DType::kInt8:
      return Convert<int8_t>(contents.int_contents(), kInts, dtype, converted);
    case DType::kInt16:
      return Convert<int16_t>(contents.int_contents(), kInts, dtype, converted);
    case DType::kInt32:
      return View(contents.int_contents());
    case DType::kInt64:
      return View(contents.int64_contents());
    case DType::kUint8:
      return Convert<uint8_t>(contents.uint_contents(), kUints, dtype, converted);
    case DType::kUint16:
      return Convert<uint16_t>(contents.uint_contents(), kUints, dtype, converted);
    case DType::kUint32:
      return View(contents.uint_contents());
    case DType::kUint64:
      return View(contents.uint64_contents());
    case DType::kFp32:
      return View(contents.fp32_contents());
    case DType::kFp64:
      return View(contents.fp64_contents());
    // No model takes strings, so nothing is ever read of them: the datatype is refused later, with
    // the model's in the message.
    case DType::kBytes:
    case DType::kFp16:
    case DType::kBf16:
      break;
  }
  return Bytes();
}

}  // namespace actium::rpc
