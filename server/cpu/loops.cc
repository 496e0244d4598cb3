#include "server/cpu/loops.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "server/cpu/layout.h"

namespace actium::cpu {
namespace {

using graph::Pool;
using tensor::DType;
using tensor::Elements;
using tensor::Shape;

struct Half {
  uint16_t bits;
};
struct BrainFloat {
  uint16_t bits;
};

template <class T>
float ToFloat(T number) {
  return static_cast<float>(number);
}

float ToFloat(Half half) {
  const uint32_t sign = static_cast<uint32_t>(half.bits & 0x8000u) << 16;
  const uint32_t rest = static_cast<uint32_t>(half.bits & 0x7fffu) << 13;
  // An exponent of all ones is infinity or NaN; otherwise the biases differ by 112, and the product
  // makes subnormal numbers normal.
  if ((half.bits & 0x7c00u) == 0x7c00u) return std::bit_cast<float>(sign | rest | 0x7f800000u);
  return std::bit_cast<float>(sign |
                              std::bit_cast<uint32_t>(std::bit_cast<float>(rest) * 0x1p112f));
}

float ToFloat(BrainFloat number) {
  return std::bit_cast<float>(static_cast<uint32_t>(number.bits) << 16);
}

struct Bool {
  uint8_t byte;
};
float ToFloat(Bool value) { return value.byte != 0 ? 1.0f : 0.0f; }

template <class T>
void CastFrom(const std::byte* from, float* to, int64_t rows, int64_t channels, int64_t pixels) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t p = 0; p < pixels; ++p) {
        T number;
        std::memcpy(&number, from, sizeof(T));
        from += sizeof(T);
        to[p * channels + c] = ToFloat(number);
      }
    }
    to += channels * pixels;
  }
}

// Output positions' windows along one dimension.
struct Window {
  int64_t first, last;   // Inside the input.
  int64_t with_padding;  // What a window that counts padding has.
};

Window WindowAt(const Pool& op, size_t dimension, int64_t position, int64_t size) {
  const int64_t begin = position * op.stride[dimension] - op.padding[dimension];
  const int64_t end = std::min(begin + op.kernel[dimension], size + op.padding[dimension]);
  return {std::max<int64_t>(begin, 0), std::min(end, size), end - begin};
}

void MaximumOf(const float* x, float* y, int64_t channels) {
  for (int64_t c = 0; c < channels; ++c) {
    // NaN wins, from either side.
    y[c] = x[c] > y[c] || x[c] != x[c] ? x[c] : y[c];
  }
}

void AddTo(const float* x, float* y, int64_t channels) {
  for (int64_t c = 0; c < channels; ++c) y[c] += x[c];
}

void PoolPixel(const Pool& op, const float* x, float* y, const Shape& in, int64_t out_h,
               int64_t out_w) {
  const int64_t channels = in[0];
  const bool maximum = op.kind == Pool::Kind::kMax;
  const Window h = WindowAt(op, 0, out_h, in[1]);
  const Window w = WindowAt(op, 1, out_w, in[2]);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float start = maximum ? -kInfinity : 0.0f;
  std::fill_n(y, channels, start);
  for (int64_t i = h.first; i < h.last; ++i) {
    for (int64_t j = w.first; j < w.last; ++j) {
      const float* const pixel = x + (i * in[2] + j) * channels;
      maximum ? MaximumOf(pixel, y, channels) : AddTo(pixel, y, channels);
    }
  }
  if (maximum) return;
  const int64_t inside = (h.last - h.first) * (w.last - w.first);
  const auto count =
      static_cast<float>(op.count_padding ? h.with_padding * w.with_padding : inside);
  for (int64_t c = 0; c < channels; ++c) y[c] /= count;
}

}  // namespace

void Cast(DType dtype, const std::byte* from, float* to, int64_t rows, const Shape& row) {
  const int64_t channels = row.size() == 3 ? row[0] : 1;
  const int64_t pixels = Elements(row) / channels;
  const auto cast = [&]<class T>(T) { CastFrom<T>(from, to, rows, channels, pixels); };
  switch (dtype) {
    case DType::kBool:
      return cast(Bool());
    case DType::kUint8:
      return cast(uint8_t());
    case DType::kUint16:
      return cast(uint16_t());
    case DType::kUint32:
      return cast(uint32_t());
    case DType::kUint64:
      return cast(uint64_t());
    case DType::kInt8:
      return cast(int8_t());
    case DType::kInt16:
      return cast(int16_t());
    case DType::kInt32:
      return cast(int32_t());
    case DType::kInt64:
      return cast(int64_t());
    case DType::kFp16:
      return cast(Half());
    case DType::kBf16:
      return cast(BrainFloat());
    case DType::kFp32:
      return cast(float());
    case DType::kFp64:
      return cast(double());
    case DType::kBytes:
      break;
  }
  std::abort();  // A graph has no such input.
}

void RunPool(const Pool& op, const float* x, float* y, int64_t rows, const Shape& in,
             const Shape& out) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t h = 0; h < out[1]; ++h) {
      for (int64_t w = 0; w < out[2]; ++w) {
        PoolPixel(op, x, y, in, h, w);
        y += in[0];
      }
    }
    x += Elements(in);
  }
}

void RunPad(const graph::Pad& op, const float* x, float* y, int64_t rows, const Shape& in) {
  const auto value = static_cast<float>(op.value);
  const int64_t line = in[2] * in[0];
  const int64_t padded_line = line + (op.before[1] + op.after[1]) * in[0];
  for (int64_t row = 0; row < rows; ++row) {
    y = std::fill_n(y, op.before[0] * padded_line, value);
    for (int64_t h = 0; h < in[1]; ++h) {
      y = std::fill_n(y, op.before[1] * in[0], value);
      y = std::copy_n(x, line, y);
      y = std::fill_n(y, op.after[1] * in[0], value);
      x += line;
    }
    y = std::fill_n(y, op.after[0] * padded_line, value);
  }
}

void GlobalAverage(const float* x, float* y, int64_t rows, int64_t pixels, int64_t channels) {
  const auto count = static_cast<double>(pixels);
  for (int64_t row = 0; row < rows; ++row) {
    // A few channels at a time, in double: a sum of many thousand floats loses digits.
    constexpr int64_t kAtOnce = 64;
    for (int64_t c0 = 0; c0 < channels; c0 += kAtOnce) {
      const int64_t width = std::min(kAtOnce, channels - c0);
      double sums[kAtOnce] = {};
      for (int64_t p = 0; p < pixels; ++p) {
        for (int64_t c = 0; c < width; ++c)
          sums[c] += static_cast<double>(x[p * channels + c0 + c]);
      }
      for (int64_t c = 0; c < width; ++c) y[c0 + c] = static_cast<float>(sums[c] / count);
    }
    x += pixels * channels;
    y += channels;
  }
}

void Softmax(const float* x, float* y, int64_t outer, int64_t count, int64_t inner) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const float* const from = x + o * count * inner + i;
      float* const to = y + o * count * inner + i;
      float most = -std::numeric_limits<float>::infinity();
      for (int64_t k = 0; k < count; ++k) most = std::max(most, from[k * inner]);
      float sum = 0.0f;
      for (int64_t k = 0; k < count; ++k) {
        to[k * inner] = std::exp(from[k * inner] - most);
        sum += to[k * inner];
      }
      for (int64_t k = 0; k < count; ++k) to[k * inner] /= sum;
    }
  }
}

void ScaleAndShift(const float* x, const float* scale, const float* shift, float* y, int64_t outer,
                   int64_t count, int64_t inner) {
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t c = 0; c < count; ++c) {
      for (int64_t i = 0; i < inner; ++i) y[i] = x[i] * scale[c] + shift[c];
      x += inner;
      y += inner;
    }
  }
}

}  // namespace actium::cpu
