#ifndef ACTIUM_TESTS_SUPPORT_ULP_H_
#define ACTIUM_TESTS_SUPPORT_ULP_H_

#include <bit>
#include <cstdint>
#include <cstdlib>

namespace actium::test {

/// Returns how many floats lie between two finite floats, one of them counted; 0 between 0 and -0.
inline int64_t UlpDistance(float a, float b) {
  // Bit patterns of floats ascend with the value; of negative ones, descend.
  const auto place = [](float x) -> int64_t {
    const auto bits = std::bit_cast<int32_t>(x);
    return bits >= 0 ? bits : int64_t{INT32_MIN} - bits;
  };
  return std::abs(place(a) - place(b));
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_ULP_H_
