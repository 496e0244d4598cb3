#ifndef ACTIUM_SERVER_CUDA_FORMULAS_H_
#define ACTIUM_SERVER_CUDA_FORMULAS_H_

#include <cmath>

#include "server/cuda/device_intrinsics.h"

/// The activations' formulas (activation/formulas-inl.h) for kernels, for two value types: float,
/// within the numeric contract of float32, and Approximate, which is exact enough for a result that
/// is rounded to half or bfloat16, at a third of the instructions.
namespace actium::cuda::formulas {

/// A float whose division and exponential are those of the special function units.
struct Approximate {
  float raw;

  __device__ __forceinline__ explicit Approximate(float x) : raw(x) {}
  __device__ __forceinline__ explicit Approximate(double x) : raw(static_cast<float>(x)) {}
};

#define ACTIUM_FN __device__ __forceinline__

ACTIUM_FN Approximate operator+(Approximate a, Approximate b) { return Approximate(a.raw + b.raw); }
ACTIUM_FN Approximate operator-(Approximate a, Approximate b) { return Approximate(a.raw - b.raw); }
ACTIUM_FN Approximate operator*(Approximate a, Approximate b) { return Approximate(a.raw * b.raw); }
ACTIUM_FN Approximate operator/(Approximate a, Approximate b) {
  return Approximate(a.raw * FastReciprocal(b.raw));
}
ACTIUM_FN Approximate operator-(Approximate a) { return Approximate(-a.raw); }
ACTIUM_FN bool operator<(Approximate a, Approximate b) { return a.raw < b.raw; }
ACTIUM_FN bool operator>(Approximate a, Approximate b) { return a.raw > b.raw; }

ACTIUM_FN float Exp(float x) { return expf(x); }
ACTIUM_FN float Expm1(float x) { return expm1f(x); }
ACTIUM_FN float Log1p(float x) { return log1pf(x); }
ACTIUM_FN float NormalTail(float z) { return 0.5f * erfcf(0.70710678f * z); }
ACTIUM_FN float Abs(float x) { return fabsf(x); }

constexpr float kLog2E = 1.44269504f;

/// Relative error below 2^-16 where the result is a normal number of bfloat16 or half; 0 below.
ACTIUM_FN Approximate Exp(Approximate x) { return Approximate(FastExp2(kLog2E * x.raw)); }

/// Near 0, where the difference has no bits left, x + x^2/2 + x^3/6 + x^4/24: off by 3e-6 of it at
/// most.
ACTIUM_FN Approximate Expm1(Approximate x) {
  const float series =
      x.raw * (1.0f + x.raw * (0.5f + x.raw * (0.16666667f + x.raw * 0.041666667f)));
  return Approximate(fabsf(x.raw) < 0.14f ? series : FastExp2(kLog2E * x.raw) - 1.0f);
}

/// For x in [0, 1]: ln(1 + x) = 2 atanh(s), s = x / (2 + x) <= 1/3, by four terms of its series:
/// off by 1e-6 of it at most.
ACTIUM_FN Approximate Log1p(Approximate x) {
  const float s = x.raw * FastReciprocal(2.0f + x.raw);
  const float z = s * s;
  return Approximate(s * (2.0f + z * (0.66666667f + z * (0.4f + z * (0.28571429f + z * 0.2222f)))));
}

/// The form is that of kernels/math-inl.h; its coefficients are fitted (by Remez's algorithm) to
/// the least relative error up to z = 13.3, where the tail is below the normal numbers: 1.05e-5.
ACTIUM_FN Approximate NormalTail(Approximate z) {
  const float near = fminf(14.15f, z.raw);
  const float even =
      -1.151346564f +
      near * near *
          (-0.05470018834f +
           near * near *
               (-0.001117054606f +
                near * near * (-6.153421509e-06f + near * near * -5.651130675e-09f)));
  const float odd = -0.4579729438f +
                    near * near *
                        (0.009017550386f +
                         near * near *
                             (9.98066389e-05f +
                              near * near * (2.456094421e-07f + near * near * 5.621679858e-11f)));
  // fminf(14.15, NaN) is 14.15; the product with z makes NaN of it where z is.
  return Approximate(z.raw > 14.15f ? 0.0f : FastExp2(near * (even + near * odd) - 1.0f));
}
ACTIUM_FN Approximate Abs(Approximate x) { return Approximate(fabsf(x.raw)); }

template <class V>
ACTIUM_FN V Min(V a, V b) {
  return a < b ? a : b;
}
template <class V>
ACTIUM_FN V Max(V a, V b) {
  return a > b ? a : b;
}
template <class V>
ACTIUM_FN V NegMulAdd(V a, V b, V c) {
  return c - a * b;
}
template <class V>
ACTIUM_FN V Select(bool mask, V a, V b) {
  return mask ? a : b;
}

#include "server/activation/formulas-inl.h"

#undef ACTIUM_FN

}  // namespace actium::cuda::formulas

#endif  // ACTIUM_SERVER_CUDA_FORMULAS_H_
