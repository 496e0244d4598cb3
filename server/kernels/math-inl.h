// Exp, Expm1, Log1p and NormalTail of a vector of floats: as few instructions as the numeric
// contract of the activations allows, no table, no branch. Highway's contrib/math knows neither NaN
// nor the normal distribution and takes half as many instructions again for Exp.
//
// The polynomials are least-maximum-error fits (Remez's algorithm in 40 digits), each coefficient
// rounded to float32 in turn and the rest fitted again; errors stated are those of the rounded
// polynomial in exact arithmetic.
//
// Included once for each instruction set, after floats-inl.h.
#if defined(ACTIUM_SERVER_KERNELS_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ACTIUM_SERVER_KERNELS_MATH_INL_H_
#undef ACTIUM_SERVER_KERNELS_MATH_INL_H_
#else
#define ACTIUM_SERVER_KERNELS_MATH_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

/// c[kFrom] + x * (c[kFrom + 1] + x * ...), by Horner: other vectors fill the gaps between its
/// dependent steps, so that fewer instructions beat a shorter chain (tried: pairs of coefficients
/// are not faster). A recursion, because gcc at -O2 leaves a loop over more than a few coefficients
/// a loop, which takes half as much time again.
template <size_t kFrom = 0, size_t kCount>
HWY_INLINE Floats Polynomial(Floats x, const double (&c)[kCount]) {
  if constexpr (kFrom + 1 == kCount) {
    return Floats(c[kFrom]);
  } else {
    return MulAdd(Polynomial<kFrom + 1>(x, c), x, Floats(c[kFrom]));
  }
}

/// e^x = 2^n e^r with a whole number n and |r| <= ln(2) / 2.
struct Reduced {
  Floats r;
  Floats power;  ///< 2^(n + bias - 127)
};

/// Splits x into n and r: adding 1.5 * 2^23 rounds to a whole number, which is then the low bits of
/// the sum. With `bias` added as well they are the exponent of 2^(n + bias - 127), and one shift
/// makes it a float, if 0 < n + bias < 255.
///
/// NaN's r is NaN, which makes NaN of every product with its power. ln(2) is in two parts, the
/// first so short that n times it is exact.
HWY_INLINE Reduced Reduce(Floats x, double bias) {
  const Floats shift(12582912.0 + bias);
  const Floats sum = MulAdd(x, Floats(1.44269504088896341), shift);
  const Floats n = sum - shift;
  const Floats high = NegMulAdd(n, Floats(0.693145751953125), x);
  return {NegMulAdd(n, Floats(1.428606820309417e-6), high), FractionToExponent(sum)};
}

// (e^r - 1 - r) / r^2 for |r| <= 0.347. Its error makes 1.4e-8 of e^r - 1.
inline constexpr double kExpTail[] = {0.4999999702, 0.1666653901, 0.04166774824, 0.008367089555,
                                      0.001383779687};

/// e^x for x <= 71, subnormal results included; 0 for -inf, NaN for NaN. Within 1 ulp.
HWY_INLINE Floats Exp(Floats x) {
  // The power is 2^24 times too large, so that it is a normal number down to x = -104, where e^x
  // rounds to 0. The polynomial's coefficients are as much smaller: a factor that costs nothing.
  constexpr double kScale = 0x1p-24;
  constexpr double kCoefficients[] = {kScale,
                                      kScale,
                                      kScale * kExpTail[0],
                                      kScale * kExpTail[1],
                                      kScale * kExpTail[2],
                                      kScale * kExpTail[3],
                                      kScale * kExpTail[4]};
  const Reduced reduced = Reduce(Max(Floats(-104.0), x), 127 + 24);
  return Polynomial(reduced.r, kCoefficients) * reduced.power;
}

/// e^x - 1 for x <= 88, with its relative accuracy near 0; -1 for -inf, NaN for NaN.
HWY_INLINE Floats Expm1(Floats x) {
  // From -30 down it is -1, and the power stays a normal number.
  const Reduced reduced = Reduce(Max(Floats(-30.0), x), 127);
  const Floats r = reduced.r;
  const Floats small = MulAdd(r * r, Polynomial(r, kExpTail), r);
  // 2^n (e^r - 1) + (2^n - 1). The second term is written so that -0 gives -0.
  return MulSub(reduced.power, small, Floats(1.0) - reduced.power);
}

/// ln(1 + x) for x in [0, 1], which is all that softplus needs; NaN for NaN.
///
/// With s = x / (2 + x), ln(1 + x) = 2 atanh(s) = x - s (x - R(s^2)). Source of the form: e_log.c
/// of fdlibm, Sun Microsystems 1993; R fitted again, for s <= 1/3, error 4.6e-9.
HWY_INLINE Floats Log1p(Floats x) {
  constexpr double kR[] = {0.6666641235, 0.4002175033, 0.2799821198, 0.2802942693};
  const Floats s = x / (x + Floats(2.0));
  const Floats z = s * s;
  return NegMulAdd(s, NegMulAdd(z, Polynomial(z, kR), x), x);
}

/// 2^(a b + c) for a whole c and a power in (-151, 103), subnormal results included; NaN for NaN.
HWY_INLINE Floats Exp2(Floats a, Floats b, int c) {
  // Rounds and scales as Reduce() and Exp() do. What is left of the power needs no logarithm.
  const Floats shift(12582912.0 + 127 + 24 + c);
  const Floats sum = MulAdd(a, b, shift);
  const Floats r = MulAdd(a, b, shift - sum);
  constexpr double kScale = 0x1p-24;
  // 2^r for |r| <= 1/2, error 1.1e-7.
  constexpr double kCoefficients[] = {kScale,
                                      kScale * 0.6931470037,
                                      kScale * 0.2402224243,
                                      kScale * 0.05550733581,
                                      kScale * 0.009671512991,
                                      kScale * 0.001326472731};
  return Polynomial(r, kCoefficients) * FractionToExponent(sum);
}

/// The probability that a standard normal number is greater than z, for z >= 0; NaN for NaN.
///
/// Two to the power of a polynomial, since the logarithm of the tail is smooth and no division is
/// needed. The polynomial is fitted so that z times the tail is off by 1.8e-7 at most, and the tail
/// itself by 7e-6 of its size up to z = 8; at 14.15 it rounds to 0.
HWY_INLINE Floats NormalTail(Floats z) {
  // (log2(tail) + 1) / z, even and odd powers apart: of so many steps one chain would be what the
  // processor waits for.
  constexpr double kEven[] = {-1.151175261, -0.05342357233, -0.000718113326, 8.749468179e-06,
                              5.961641136e-08};
  constexpr double kOdd[] = {-0.4587855935, 0.008059697226, 9.300747479e-07, -1.090614774e-06,
                             -1.273514072e-09};
  const Floats near = Min(Floats(14.15), z);
  const Floats square = near * near;
  return Exp2(near, MulAdd(Polynomial(square, kOdd), near, Polynomial(square, kEven)), -1);
}

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // ACTIUM_SERVER_KERNELS_MATH_INL_H_
