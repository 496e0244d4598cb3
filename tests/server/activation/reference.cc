#include "tests/server/activation/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace actium::test {
namespace {

using activation::Activation;

// In float64, e^-x overflows to infinity at x < -709: the quotients below are then the right 0.
double Logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double LogisticSlope(double x) {
  const double c = std::cosh(0.5 * x);
  return 0.25 / (c * c);
}
double Phi(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double NormalDensity(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}
// Of GELU's tanh form, 2u and its slope.
double TanhArgument(double x) {
  return std::sqrt(8.0 / std::numbers::pi) * (x + 0.044715 * std::pow(x, 3));
}
double TanhArgumentSlope(double x) {
  return std::sqrt(8.0 / std::numbers::pi) * (1.0 + 3.0 * 0.044715 * x * x);
}
double Softplus(double x) { return x > 40.0 ? x : std::log1p(std::exp(x)); }
// d tanh(softplus(x)) / dx.
double MishGateSlope(double x) {
  const double c = std::cosh(std::min(Softplus(x), 300.0));
  return Logistic(x) / (c * c);
}
// Products whose second factor vanishes faster than the first grows.
double Product(double x, double vanishing) { return vanishing == 0.0 ? 0.0 : x * vanishing; }

constexpr double kSeluScale = 1.0507009873554804934193349852946;
constexpr double kSeluAlpha = 1.6732632423543772848170429916717;

}  // namespace

double ReferenceValue(Activation id, std::span<const double> p, double x) {
  switch (id) {
    case Activation::kIdentity:
      return x;
    case Activation::kSigmoid:
      return Logistic(x);
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kRelu:
      return std::fmax(x, 0.0);
    case Activation::kLeakyRelu:
    case Activation::kPrelu:
      return std::fmax(x, 0.0) + p[0] * std::fmin(x, 0.0);
    case Activation::kSwish:
      return x / (1.0 + std::exp(-p[0] * x));
    case Activation::kMish:
      return x * std::tanh(Softplus(x));
    case Activation::kGelu:
      return x * Phi(x);
    case Activation::kGeluTanh:
      return x / (1.0 + std::exp(-TanhArgument(x)));
    case Activation::kElu:
      return std::fmax(x, 0.0) + p[0] * std::expm1(std::fmin(x, 0.0));
    case Activation::kSelu:
      return kSeluScale * (std::fmax(x, 0.0) + kSeluAlpha * std::expm1(std::fmin(x, 0.0)));
    case Activation::kCelu:
      return std::fmax(x, 0.0) + std::fmin(0.0, p[0] * std::expm1(x / p[0]));
    case Activation::kHardswish:
      return x * std::clamp(x / 6.0 + 0.5, 0.0, 1.0);
    case Activation::kHardsigmoid:
      return std::clamp((x + 3.0) / 6.0, 0.0, 1.0);
    case Activation::kHardtanh:
      return std::clamp(x, p[0], p[1]);
    case Activation::kRelu6:
      return std::clamp(x, 0.0, 6.0);
    case Activation::kSoftplus:
      return Softplus(p[0] * x) / p[0];
    case Activation::kSoftsign:
      return x / (1.0 + std::fabs(x));
  }
  std::abort();
}

double ReferenceDerivative(Activation id, std::span<const double> p, double x) {
  switch (id) {
    case Activation::kIdentity:
      return 1.0;
    case Activation::kSigmoid:
      return LogisticSlope(x);
    case Activation::kTanh:
      return 4.0 * LogisticSlope(2.0 * x);
    case Activation::kRelu:
      return x > 0.0 ? 1.0 : 0.0;
    case Activation::kLeakyRelu:
    case Activation::kPrelu:
      return x > 0.0 ? 1.0 : p[0];
    case Activation::kSwish:
      return Logistic(p[0] * x) + Product(p[0] * x, LogisticSlope(p[0] * x));
    case Activation::kMish:
      return std::tanh(Softplus(x)) + Product(x, MishGateSlope(x));
    case Activation::kGelu:
      return Phi(x) + Product(x, NormalDensity(x));
    case Activation::kGeluTanh:
      return Logistic(TanhArgument(x)) +
             Product(x * TanhArgumentSlope(x), LogisticSlope(TanhArgument(x)));
    case Activation::kElu:
      return x > 0.0 ? 1.0 : p[0] * std::exp(x);
    case Activation::kSelu:
      return kSeluScale * (x > 0.0 ? 1.0 : kSeluAlpha * std::exp(x));
    case Activation::kCelu:
      return std::fmin(1.0, std::exp(x / p[0]));
    case Activation::kHardswish:
      return x <= -3.0 ? 0.0 : x >= 3.0 ? 1.0 : (2.0 * x + 3.0) / 6.0;
    case Activation::kHardsigmoid:
      return x > -3.0 && x < 3.0 ? 1.0 / 6.0 : 0.0;
    case Activation::kHardtanh:
      return x > p[0] && x < p[1] ? 1.0 : 0.0;
    case Activation::kRelu6:
      return x > 0.0 && x < 6.0 ? 1.0 : 0.0;
    case Activation::kSoftplus:
      return Logistic(p[0] * x);
    case Activation::kSoftsign:
      return std::pow(1.0 + std::fabs(x), -2.0);
  }
  std::abort();
}

}  // namespace actium::test
