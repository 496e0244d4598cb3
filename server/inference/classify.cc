#include "server/inference/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace actium::inference {
namespace {

using tensor::DType;

// IEEE half and bfloat16 as they lie in memory; both become float without loss.
struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

float Widen(BFloat16 value) { return std::bit_cast<float>(uint32_t{value.bits} << 16); }

float Widen(Half value) {
  const int exponent = (value.bits >> 10) & 31;
  const auto fraction = static_cast<float>(value.bits & 1023);
  const float sign = (value.bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 31) return fraction == 0.0f ? sign * INFINITY : NAN;
  // Subnormals (exponent 0) have no implied leading bit; their unit is 2^-24.
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(fraction + 1024.0f, exponent - 25);
}

template <class T>
T Widen(T value) {
  return value;
}

// Appends one string element: its length as 4 bytes, little-endian, then its bytes.
void AppendElement(std::string_view text, std::string& out) {
  const auto length = static_cast<uint32_t>(text.size());
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(length >> shift));
  out.append(text);
}

template <class Value>
std::string Describe(Value value, int64_t index, const std::vector<std::string>& labels) {
  std::string text;
  if constexpr (std::is_floating_point_v<Value>) {
    text = fmt::format("{:f}:{}", value, index);
  } else {
    text = fmt::format("{}:{}", +value, index);
  }
  const auto at = static_cast<size_t>(index);
  if (at < labels.size() && !labels[at].empty()) text += ":" + labels[at];
  return text;
}

// Appends the `take` best of the `classes` values of type T at `row`.
template <class T>
void AppendRow(const char* row, int64_t classes, int64_t take,
               const std::vector<std::string>& labels, std::string& out) {
  // The bytes of an answer are not aligned for T.
  const auto value = [row](int64_t index) {
    T stored;
    std::memcpy(&stored, row + static_cast<size_t>(index) * sizeof(T), sizeof(T));
    return Widen(stored);
  };
  std::vector<int64_t> order(static_cast<size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  const auto better = [&value](int64_t a, int64_t b) {
    const auto x = value(a), y = value(b);
    if (x != x || y != y) return (x != x) == (y != y) ? a < b : y != y;
    return x == y ? a < b : x > y;
  };
  std::partial_sort(order.begin(), order.begin() + take, order.end(), better);
  for (int64_t i = 0; i < take; ++i) {
    const int64_t index = order[static_cast<size_t>(i)];
    AppendElement(Describe(value(index), index, labels), out);
  }
}

using RowWriter = void (*)(const char*, int64_t, int64_t, const std::vector<std::string>&,
                           std::string&);

RowWriter WriterFor(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kUint8:
      return AppendRow<uint8_t>;
    case DType::kUint16:
      return AppendRow<uint16_t>;
    case DType::kUint32:
      return AppendRow<uint32_t>;
    case DType::kUint64:
      return AppendRow<uint64_t>;
    case DType::kInt8:
      return AppendRow<int8_t>;
    case DType::kInt16:
      return AppendRow<int16_t>;
    case DType::kInt32:
      return AppendRow<int32_t>;
    case DType::kInt64:
      return AppendRow<int64_t>;
    case DType::kFp16:
      return AppendRow<Half>;
    case DType::kBf16:
      return AppendRow<BFloat16>;
    case DType::kFp32:
      return AppendRow<float>;
    case DType::kFp64:
      return AppendRow<double>;
    case DType::kBytes:
      break;
  }
  return nullptr;
}

}  // namespace

void Classify(batching::OutputTensor& output, bool batched, int k,
              const std::vector<std::string>& labels) {
  const RowWriter append_row = WriterFor(output.dtype);
  if (append_row == nullptr) return;
  const size_t element = tensor::ElementBytes(output.dtype);
  const int64_t rows = batched ? output.shape[0] : 1;
  const auto elements = static_cast<int64_t>(output.bytes.size() / element);
  const int64_t classes = rows == 0 ? 0 : elements / rows;
  const int64_t take = std::min<int64_t>(k, classes);

  std::string strings;
  for (int64_t row = 0; row < rows; ++row) {
    const size_t offset = static_cast<size_t>(row * classes) * element;
    append_row(output.bytes.data() + offset, classes, take, labels, strings);
  }
  output.dtype = DType::kBytes;
  output.shape.clear();
  if (batched) output.shape.push_back(rows);
  output.shape.push_back(take);
  output.bytes = std::move(strings);
}

}  // namespace actium::inference
