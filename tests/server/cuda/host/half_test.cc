#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace actium::test {
namespace {

// A 16-bit format by its definition in float64, another way than the code under test.
struct Format {
  int exponent_bits;
  int fraction_bits;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int largest_exponent() const { return (1 << exponent_bits) - 1; }  // Of infinity and NaN.

  double Value(uint16_t bits) const {
    const int fraction = bits & ((1 << fraction_bits) - 1);
    const int exponent = bits >> fraction_bits & largest_exponent();
    const double sign = bits >> 15 ? -1.0 : 1.0;
    if (exponent == largest_exponent()) return fraction == 0 ? sign * INFINITY : NAN;
    if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias() - fraction_bits);
    return sign * std::ldexp(fraction + (1 << fraction_bits), exponent - bias() - fraction_bits);
  }

  // The bits of the nearest value; of two, the even one.
  uint16_t Nearest(float value) const {
    if (std::isnan(value)) return 0x7FFF;
    const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::abs(static_cast<double>(value));
    const auto infinity = static_cast<uint16_t>(largest_exponent() << fraction_bits);
    const int exponent = magnitude > 0 ? std::max(std::ilogb(magnitude), 1 - bias()) : 1 - bias();
    const double step = std::ldexp(1.0, exponent - fraction_bits);
    const double rounded = std::nearbyint(magnitude / step) * step;  // The default mode is to even.
    if (rounded >= std::ldexp(1.0, bias() + 1)) return sign | infinity;
    // Positive values of such a format are in the order of their bits.
    int low = 0, high = infinity;
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      (Value(static_cast<uint16_t>(middle)) <= rounded ? low : high) = middle;
    }
    return static_cast<uint16_t>(sign | low);
  }
};

constexpr Format kFp16{.exponent_bits = 5, .fraction_bits = 10};
constexpr Format kBf16{.exponent_bits = 8, .fraction_bits = 7};

float FromHalf(uint16_t bits) { return __half2float(__ushort_as_half(bits)); }
float FromBfloat16(uint16_t bits) { return __bfloat162float(__ushort_as_bfloat16(bits)); }
uint16_t ToHalf(float value) { return __half_as_ushort(__float2half_rn(value)); }
uint16_t ToBfloat16(float value) { return __bfloat16_as_ushort(__float2bfloat16_rn(value)); }

using FromBits = float (*)(uint16_t);
using ToBits = uint16_t (*)(float);

void ExpectAllValues(const Format& format, FromBits from, ToBits to) {
  for (uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const double expected = format.Value(bits);
    const float value = from(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      EXPECT_EQ(to(value), 0x7FFF) << bits;
      continue;
    }
    ASSERT_EQ(value, expected) << bits;
    ASSERT_EQ(std::signbit(value), bits >> 15 != 0) << bits;
    ASSERT_EQ(to(value), bits) << value;
  }
}

// A value of the format, the middle to the next one, and the floats beside that middle.
void ExpectRoundsBetween(const Format& format, FromBits from, ToBits to) {
  for (uint32_t i = 0; i + 1 < uint32_t(format.largest_exponent()) << format.fraction_bits; ++i) {
    const float low = from(static_cast<uint16_t>(i)), high = from(static_cast<uint16_t>(i + 1));
    const float middle = low + (high - low) / 2;
    for (const float value : {middle, std::nextafter(middle, low), std::nextafter(middle, high)}) {
      ASSERT_EQ(to(value), format.Nearest(value)) << value;
      ASSERT_EQ(to(-value), format.Nearest(-value)) << -value;
    }
  }
}

void ExpectRoundsRandomFloats(const Format& format, ToBits to) {
  std::mt19937 random(7);
  for (int i = 0; i < 300000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    ASSERT_EQ(to(value), format.Nearest(value)) << value;
  }
}

TEST(HalfTest, EveryValueOfFp16) { ExpectAllValues(kFp16, &FromHalf, &ToHalf); }
TEST(HalfTest, EveryValueOfBf16) { ExpectAllValues(kBf16, &FromBfloat16, &ToBfloat16); }

TEST(HalfTest, RoundsToTheNearestFp16) {
  ExpectRoundsBetween(kFp16, &FromHalf, &ToHalf);
  ExpectRoundsRandomFloats(kFp16, &ToHalf);
}
TEST(HalfTest, RoundsToTheNearestBf16) {
  ExpectRoundsBetween(kBf16, &FromBfloat16, &ToBfloat16);
  ExpectRoundsRandomFloats(kBf16, &ToBfloat16);
}

TEST(HalfTest, LargeFloatsAreInfinite) {
  EXPECT_EQ(ToHalf(65519.99f), 0x7BFF);
  EXPECT_EQ(ToHalf(65520.0f), 0x7C00);
  EXPECT_EQ(ToHalf(-1e30f), 0xFC00);
  EXPECT_EQ(ToBfloat16(std::numeric_limits<float>::max()), 0x7F80);
}

TEST(HalfTest, TakesTwoBytes) {
  static_assert(sizeof(__half) == 2 && alignof(__half) == 2);
  static_assert(sizeof(__nv_bfloat16) == 2 && alignof(__nv_bfloat16) == 2);
}

}  // namespace
}  // namespace actium::test
