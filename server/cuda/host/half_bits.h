#ifndef ACTIUM_SERVER_CUDA_HOST_HALF_BITS_H_
#define ACTIUM_SERVER_CUDA_HOST_HALF_BITS_H_

#include <bit>
#include <cstdint>

/// Conversions between float and the bits of the two 16-bit formats, as CUDA does them: to the
/// nearest, ties to even, NaN to the one NaN 0x7FFF.
namespace actium::cuda::host {

/// From IEEE binary16; a NaN becomes 0x7FFFFFFF.
inline float Fp16ToFloat(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  const uint32_t magnitude = bits & 0x7FFFu;
  if (magnitude > 0x7C00) return std::bit_cast<float>(0x7FFFFFFFu);
  if (magnitude == 0x7C00) return std::bit_cast<float>(sign | 0x7F800000u);
  // Exponent and fraction at their place in a float, which is 2^-112 of the value; exact, also for
  // subnormals.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
}

/// To IEEE binary16: infinite from 65,520 on.
inline uint16_t FloatToFp16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000) return 0x7FFF;
  if (magnitude >= 0x477FF000) return static_cast<uint16_t>(sign | 0x7C00u);
  if (magnitude < 0x38800000) {
    // Below 2^-14 a half counts multiples of 2^-24, as a float between 1/2 and 1 does: the addition
    // rounds.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3F000000u));
  }
  const uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

/// From bfloat16, the upper half of a float.
inline float Bf16ToFloat(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }

/// To bfloat16.
inline uint16_t FloatToBf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000) return 0x7FFF;
  return static_cast<uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_HALF_BITS_H_
