// Mish in the shape that the compiler turns into vector code, from the one definition in
// formulas-inl.h. This file is compiled with -O3 and contraction to fused multiply-adds
// (CMakeLists.txt); each loop exists once per instruction set and is chosen at start-up.
#include "models/zoo/mish_kernel.h"

#include <bit>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ACTIUM_EACH_INSTRUCTION_SET \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ACTIUM_EACH_INSTRUCTION_SET
#endif

namespace actium::zoo {
namespace vectorised {

#define ACTIUM_FN __attribute__((always_inline)) inline

ACTIUM_FN float Abs(float x) { return x < 0.0f ? -x : x; }
ACTIUM_FN float Min(float a, float b) { return a < b ? a : b; }
ACTIUM_FN float Max(float a, float b) { return a > b ? a : b; }
ACTIUM_FN float Select(bool mask, float a, float b) { return mask ? a : b; }

// e^x within 2 ULP for x <= 88; 0 below -87, where e^x is subnormal. NaN stays NaN.
//
// x = k ln 2 + r with |r| <= ln(2) / 2, so e^x = 2^k e^r; e^r by its Taylor polynomial of degree 7,
// whose remainder is below 1e-8 there. std::exp would be a call per element.
ACTIUM_FN float Exp(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLn2High = 0.693359375f;  // Few bits: k times it is exact.
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer.
  const float bounded = Max(-87.0f, x);
  const float shifted = bounded * kLog2E + kRound;
  const float k = shifted - kRound;
  const float r = (bounded - k * kLn2High) - k * kLn2Low;
  float polynomial = 1.0f / 5040;
  polynomial = polynomial * r + 1.0f / 720;
  polynomial = polynomial * r + 1.0f / 120;
  polynomial = polynomial * r + 1.0f / 24;
  polynomial = polynomial * r + 1.0f / 6;
  polynomial = polynomial * r + 0.5f;
  polynomial = polynomial * r + 1.0f;
  polynomial = polynomial * r + 1.0f;
  // k is in the low bits of `shifted`; it moves into the exponent.
  const auto power = (std::bit_cast<uint32_t>(shifted) + 127u) << 23;
  return Select(x < -87.0f, 0.0f, polynomial * std::bit_cast<float>(power));
}

// The formulas that are not used here name these; so they are declared and never defined.
float Expm1(float x);
float Log1p(float x);
float NormalTail(float x);

#include "server/activation/formulas-inl.h"

#undef ACTIUM_FN

}  // namespace vectorised

ACTIUM_EACH_INSTRUCTION_SET
void MishForward(const float* x, float* y, int64_t size) {
  const vectorised::Mish mish;
  for (int64_t i = 0; i < size; ++i) y[i] = mish(x[i]);
}

ACTIUM_EACH_INSTRUCTION_SET
void MishBackward(const float* x, const float* dy, float* dx, int64_t size) {
  const vectorised::Mish mish;
  for (int64_t i = 0; i < size; ++i) dx[i] = dy[i] * mish.Derivative(x[i]);
}

}  // namespace actium::zoo
