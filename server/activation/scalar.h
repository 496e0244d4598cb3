#ifndef ACTIUM_SERVER_ACTIVATION_SCALAR_H_
#define ACTIUM_SERVER_ACTIVATION_SCALAR_H_

#include <cmath>

/// The formulas for one float or double at a time: on the host, and in CUDA kernels when nvcc reads
/// this file. `scalar::Mish()(x)` is the value, `scalar::Mish().Derivative(x)` the slope;
/// parameters are members: `scalar::LeakyRelu<float>{0.01f}(x)`. Thread-safe.

#if defined(__CUDACC__)
#define ACTIUM_FN __host__ __device__ __forceinline__
#else
#define ACTIUM_FN inline
#endif

namespace actium::activation::scalar {

ACTIUM_FN float Exp(float x) { return std::exp(x); }
ACTIUM_FN double Exp(double x) { return std::exp(x); }
ACTIUM_FN float Expm1(float x) { return std::expm1(x); }
ACTIUM_FN double Expm1(double x) { return std::expm1(x); }
ACTIUM_FN float Log1p(float x) { return std::log1p(x); }
ACTIUM_FN double Log1p(double x) { return std::log1p(x); }
ACTIUM_FN float NormalTail(float z) { return 0.5f * std::erfc(0.70710678f * z); }
ACTIUM_FN double NormalTail(double z) { return 0.5 * std::erfc(0.70710678118654752 * z); }
ACTIUM_FN float Abs(float x) { return std::fabs(x); }
ACTIUM_FN double Abs(double x) { return std::fabs(x); }

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

}  // namespace actium::activation::scalar

#undef ACTIUM_FN

#endif  // ACTIUM_SERVER_ACTIVATION_SCALAR_H_
