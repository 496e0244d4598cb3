#include "server/activation/gain.h"

#include <cmath>
#include <numbers>

namespace actium::activation {
namespace {

// Returns E[g(z)], z ~ N(0, 1), by Gauss's rule of three points on each of many intervals in
// [-16, 16]; beyond, the density is below 1e-55. No point is an interval's end, so that a jump
// there, at a whole number, costs no accuracy.
template <class Function>
double ExpectedValue(Function g) {
  constexpr int kIntervals = 4096;
  constexpr double kBound = 16.0;
  constexpr double kHalf = kBound / kIntervals;   // Of an interval's width.
  constexpr double kOffset = 0.7745966692414834;  // sqrt(3 / 5)
  const auto weighted = [&](double z) { return g(z) * std::exp(-0.5 * z * z); };
  double sum = 0.0;
  for (int i = 0; i < kIntervals; ++i) {
    const double middle = -kBound + (2 * i + 1) * kHalf;
    const double sides = weighted(middle - kOffset * kHalf) + weighted(middle + kOffset * kHalf);
    sum += (5.0 * sides + 8.0 * weighted(middle)) / 9.0;
  }
  return sum * kHalf / std::sqrt(2.0 * std::numbers::pi);
}

double Square(double x) { return x * x; }

}  // namespace

double VariancePreservingGain(Activation id, std::span<const double> parameters) {
  return 1.0 / ExpectedValue([&](double z) { return Square(Evaluate(id, parameters, z)); });
}

double GradientFactor(Activation id, std::span<const double> parameters) {
  return ExpectedValue([&](double z) { return Square(Derivative(id, parameters, z)); }) *
         VariancePreservingGain(id, parameters);
}

}  // namespace actium::activation
