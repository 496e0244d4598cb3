// The arithmetic of every activation and of its derivative, each written once.
//
// No include guard and no include, on purpose: a back end includes this file inside its own
// namespace, after it has defined ACTIUM_FN (function attributes) and, for its value type V: the
// operators + - * /, unary -, < and >, construction from double, and Select(mask, a, b), Abs, Min,
// Max, NegMulAdd(a, b, c) = c - a b, Exp, Expm1, Log1p and NormalTail. V is float on the host and
// in CUDA, double in the reference, a vector of lanes in SIMD. P, the type of a parameter, is a
// scalar or, where the parameter differs from channel to channel, V itself.
//
// What the back ends must keep, because the formulas rely on it:
//   - Min and Max return their second argument when either is NaN. So the constant comes first and
//     a NaN in x reaches the result.
//   - Exp, Expm1, Log1p and NormalTail return NaN for NaN; Exp(-inf) is 0, Expm1(-inf) is -1.
//     (Highway 1.0.3's Exp(NaN) is 0 and its Log1p(inf) is NaN: wrap them.)
//   - NormalTail(z) is the probability that a standard normal number is greater than z, z >= 0, and
//     0 from kFar on.
//
// Special values: f(NaN) is NaN; f(-inf) and f(inf) are the limits, never NaN; denormals keep their
// value up to the rounding of the result. The derivative at a kink is the one PyTorch's backward
// takes. The derivative of a piecewise linear function at NaN is finite and means nothing.
//
// kFar bounds what is multiplied by a factor that has underflowed: e^-kFar is 0 in float and in
// double, so the product is a zero of the right sign there, and not inf * 0 = NaN.
constexpr double kFar = 1024.0;

/// Six of these round to 1 in float and in double. A division would take longer than all the rest.
constexpr double kSixth = 1.0 / 6.0;

/// f(x) = x.
struct Identity {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return x;
  }
  template <class V>
  ACTIUM_FN V Derivative(V) const {
    return V(1.0);
  }
};

/// f(x) = 1 / (1 + e^-x). Both tails keep their relative accuracy: e^-|x| never overflows.
struct Sigmoid {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V e = Exp(-Abs(x));
    return Select(x < V(0.0), e, V(1.0)) / (V(1.0) + e);
  }
  /// f'(x) = f(x) f(-x), without the cancellation of 1 - f(x).
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V e = Exp(-Abs(x));
    const V d = V(1.0) + e;
    return e / (d * d);
  }
};

/// f(x) = tanh(x) = m / (m + 2) with m = e^2x - 1. Beyond 20 the quotient is 1 in double too.
struct Tanh {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V m = Expm1(V(2.0) * Min(V(20.0), x));
    return m / (m + V(2.0));
  }
  /// f'(x) = 1 - f(x)^2, without its cancellation.
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V e = Exp(V(-2.0) * Abs(x));
    const V d = V(1.0) + e;
    return V(4.0) * e / (d * d);
  }
};

/// f(x) = max(0, x). The sign of f(-0) is the back end's.
struct Relu {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Max(V(0.0), x);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(0.0), V(1.0), V(0.0));
  }
};

/// f(x) = x for x >= 0, slope * x below.
template <class P>
struct LeakyRelu {
  P slope;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Select(x < V(0.0), V(slope) * x, x);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(0.0), V(1.0), V(slope));
  }
};

/// Leaky ReLU with a learned slope, one for all channels or one for each.
/// Source: K. He et al., arXiv:1502.01852, section 2.1.
template <class P>
using Prelu = LeakyRelu<P>;

/// f(x) = x / (1 + e^(-beta x)), beta > 0, with f(-inf) = -0. One exponential.
/// Source: P. Ramachandran et al., arXiv:1710.05941, section 3.
template <class P>
struct Swish {
  P beta;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    // The bound is near the largest float, so that no finite float is changed.
    return Max(V(-3e38), x) * Sigmoid()(V(beta) * x);
  }
  /// f'(x) = s(t) + t s'(t) with t = beta x and s the sigmoid.
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V t = Max(V(-kFar), Min(V(kFar), V(beta) * x));
    const V e = Exp(-Abs(t));
    const V d = V(1.0) + e;
    return Select(t < V(0.0), e, V(1.0)) / d + t * (e / (d * d));
  }
};

/// f(x) = x * tanh(ln(1 + e^x)), with f(-inf) = -0. One exponential, no logarithm.
/// Source: D. Misra, arXiv:1908.08681, section 2.
struct Mish {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    // With e = e^x, tanh(ln(1 + e)) = n / (n + 2) where n = e * (e + 2): no cancellation. From 20
    // on the quotient is 1 in double too, and n stays finite.
    const V e = Exp(Min(V(20.0), x));
    const V n = e * (e + V(2.0));
    return Max(V(-kFar), x) * (n / (n + V(2.0)));
  }
  /// f'(x) = t + x s (1 - t^2), t = n / (n + 2), s = e / (e + 1). As n + 1 = (e + 1)^2, the second
  /// term is 4 x e (e + 1) / (n + 2)^2. (The e^3x of the usual form overflows at x = 29.5.)
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V c = Max(V(-kFar), Min(V(20.0), x));
    const V e = Exp(c);
    const V n = e * (e + V(2.0));
    const V d = n + V(2.0);
    return n / d + V(4.0) * c * (e * (e + V(1.0))) / (d * d);
  }
};

/// f(x) = x for x >= 0, alpha (e^x - 1) below.
/// Source: D.-A. Clevert et al., arXiv:1511.07289, section 3.
template <class P>
struct Elu {
  P alpha;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Select(x < V(0.0), V(alpha) * Expm1(x), x);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(0.0), V(1.0), V(alpha) * Exp(x));
  }
};

/// f(x) = scale * (x for x >= 0, alpha (e^x - 1) below), with the two constants that make mean 0
/// and variance 1 a fixed point. Source: G. Klambauer et al., arXiv:1706.02515, section "Deriving
/// SNNs".
struct Selu {
  static constexpr double kScale = 1.0507009873554805;
  static constexpr double kAlpha = 1.6732632423543772;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Select(x < V(0.0), V(kScale * kAlpha) * Expm1(x), V(kScale) * x);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(0.0), V(kScale), V(kScale * kAlpha) * Exp(x));
  }
};

/// f(x) = x for x >= 0, alpha (e^(x / alpha) - 1) below, alpha > 0: its slope is continuous.
/// Source: J. T. Barron, arXiv:1704.07483.
template <class P>
struct Celu {
  P alpha;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Select(x < V(0.0), V(alpha) * Expm1(x / V(alpha)), x);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(0.0), V(1.0), Exp(x / V(alpha)));
  }
};

/// f(x) = x * Phi(x), Phi the normal distribution, as max(0, x) - |x| (1 - Phi(|x|)): the left tail
/// keeps its relative accuracy, and f(-inf) = -0.
/// Source: D. Hendrycks and K. Gimpel, arXiv:1606.08415, section 2.
struct Gelu {
  static constexpr double kInvSqrtTwoPi = 0.39894228040143268;  // 1 / sqrt(2 pi)

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V z = Min(V(kFar), Abs(x));
    return NegMulAdd(z, NormalTail(z), Max(V(-0.0), x));
  }
  /// f'(x) = Phi(x) + x phi(x), phi the normal density.
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V c = Max(V(-kFar), Min(V(kFar), x));
    const V tail = NormalTail(Abs(c));
    return Select(c < V(0.0), tail, V(1.0) - tail) +
           c * (V(kInvSqrtTwoPi) * Exp(V(-0.5) * (c * c)));
  }
};

/// f(x) = x/2 (1 + tanh(u)) = x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3); f(-inf) = -0.
/// Source: D. Hendrycks and K. Gimpel, arXiv:1606.08415, section 2.
struct GeluTanh {
  static constexpr double kTwoSqrtTwoOverPi = 1.5957691216057307;  // 2 sqrt(2 / pi)
  static constexpr double kCubic = 0.044715;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V c = Max(V(-kFar), x);
    const V u = V(kTwoSqrtTwoOverPi) * (x + V(kCubic) * (x * x * x));
    return c * Sigmoid()(u);
  }
  /// f'(x) = s(2u) + x s'(2u) (2u)', s the sigmoid.
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V c = Max(V(-kFar), Min(V(kFar), x));
    const V square = c * c;
    const V u = V(kTwoSqrtTwoOverPi) * (c + V(kCubic) * (square * c));
    const V slope = V(kTwoSqrtTwoOverPi) * (V(1.0) + V(3.0 * kCubic) * square);
    return Sigmoid()(u) + c * slope * Sigmoid().Derivative(u);
  }
};

/// f(x) = x * clamp(x + 3, 0, 6) / 6, with f(-inf) = -0.
/// Source: A. Howard et al., arXiv:1905.02244, section 5.2.
struct Hardswish {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V gate = Min(V(6.0), Max(V(0.0), x + V(3.0))) * V(kSixth);
    return Max(V(-3.0), x) * gate;
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V inner = x / V(3.0) + V(0.5);
    return Select(x > V(-3.0), Select(x < V(3.0), inner, V(1.0)), V(0.0));
  }
};

/// f(x) = clamp(x + 3, 0, 6) / 6.
struct Hardsigmoid {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Min(V(6.0), Max(V(0.0), x + V(3.0))) * V(kSixth);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(Abs(x) < V(3.0), V(kSixth), V(0.0));
  }
};

/// f(x) = clamp(x, lower, upper), lower < upper.
template <class P>
struct Hardtanh {
  P lower;
  P upper;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Max(V(lower), Min(V(upper), x));
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Select(x > V(lower), Select(x < V(upper), V(1.0), V(0.0)), V(0.0));
  }
};

/// f(x) = ln(1 + e^(beta x)) / beta, beta > 0; exact on both sides, so there is no threshold.
template <class P>
struct Softplus {
  P beta;

  template <class V>
  ACTIUM_FN V operator()(V x) const {
    return Max(V(0.0), x) + Log1p(Exp(-Abs(V(beta) * x))) / V(beta);
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    return Sigmoid()(V(beta) * x);
  }
};

/// f(x) = x / (1 + |x|). From 1e30 on the quotient is 1 or -1 in double too.
struct Softsign {
  template <class V>
  ACTIUM_FN V operator()(V x) const {
    const V c = Max(V(-1e30), Min(V(1e30), x));
    return c / (V(1.0) + Abs(c));
  }
  template <class V>
  ACTIUM_FN V Derivative(V x) const {
    const V r = V(1.0) / (V(1.0) + Abs(x));
    return r * r;
  }
};
