#include "client/cli/element.h"

#include <bit>
#include <cmath>

namespace actium::cli {
namespace {

template <class T>
void Append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void AppendRounded(std::string& bytes, double value) {
  Append(bytes, static_cast<T>(std::nearbyint(value)));
}

// Drops the lowest `bits` bits, rounding to nearest, ties to even.
uint32_t ShiftRounded(uint32_t value, int bits) {
  const uint32_t half = uint32_t{1} << (bits - 1);
  const uint32_t odd = value >> bits & 1;
  return (value + half - 1 + odd) >> bits;
}

}  // namespace

bool IsFloatingPoint(std::string_view datatype) {
  return datatype == "FP16" || datatype == "BF16" || datatype == "FP32" || datatype == "FP64";
}

bool HoldsBytes(std::string_view datatype) {
  return IsFloatingPoint(datatype) || datatype == "UINT8" || datatype == "UINT16" ||
         datatype == "UINT32" || datatype == "UINT64" || datatype == "INT16" ||
         datatype == "INT32" || datatype == "INT64";
}

uint16_t ToHalf(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 65520.0f) return static_cast<uint16_t>(sign | 0x7c00);  // Rounds to 2^16.
  if (magnitude < 0x1p-14f) {
    // Subnormal: a multiple of 2^-24.
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f)));
  }
  // The exponent's bias falls from 127 to 15, the mantissa from 23 bits to 10.
  const uint32_t rebiased = (bits & 0x7fffffff) - (uint32_t{112} << 23);
  return static_cast<uint16_t>(sign | ShiftRounded(rebiased, 13));
}

float FromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const auto fraction = static_cast<float>(bits & 0x3ff);
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 0x1f) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(fraction + 1024, exponent - 25);
}

uint16_t ToBfloat16(float value) {
  if (std::isnan(value)) return 0x7fc0;
  return static_cast<uint16_t>(ShiftRounded(std::bit_cast<uint32_t>(value), 16));
}

void AppendElement(std::string& bytes, std::string_view datatype, double value) {
  if (datatype == "FP32") return Append(bytes, static_cast<float>(value));
  if (datatype == "FP64") return Append(bytes, value);
  if (datatype == "FP16") return Append(bytes, ToHalf(static_cast<float>(value)));
  if (datatype == "BF16") return Append(bytes, ToBfloat16(static_cast<float>(value)));
  if (datatype == "UINT8") return AppendRounded<uint8_t>(bytes, value);
  if (datatype == "UINT16") return AppendRounded<uint16_t>(bytes, value);
  if (datatype == "UINT32") return AppendRounded<uint32_t>(bytes, value);
  if (datatype == "UINT64") return AppendRounded<uint64_t>(bytes, value);
  if (datatype == "INT8") return AppendRounded<int8_t>(bytes, value);
  if (datatype == "INT16") return AppendRounded<int16_t>(bytes, value);
  if (datatype == "INT32") return AppendRounded<int32_t>(bytes, value);
  if (datatype == "INT64") return AppendRounded<int64_t>(bytes, value);
  if (datatype == "BOOL") return Append(bytes, static_cast<uint8_t>(value != 0));
}

}  // namespace actium::cli
