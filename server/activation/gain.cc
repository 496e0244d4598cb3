#include "server/activation/gain.h"

#include <cmath>
#include <numbers>

namespace actium::activation {
namespace {

// Returns E[g(z)], z ~ N(0, 1), by Simpson's rule on [-16, 16]; beyond, the density is below 1e-56.
// Kinks at multiples of 1/32 fall between its parabolas, so they cost no accuracy.
template <class Function>
double ExpectedValue(Function g) {
  constexpr int kIntervals = 2048;  // Even.
  constexpr double kBound = 16.0;
  constexpr double kStep = 2.0 * kBound / kIntervals;
  double sum = 0.0;
  for (int i = 0; i <= kIntervals; ++i) {
    const double z = -kBound + i * kStep;
    const double weight = i == 0 || i == kIntervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    sum += weight * g(z) * std::exp(-0.5 * z * z);
  }
  return sum * kStep / 3.0 / std::sqrt(2.0 * std::numbers::pi);
}

double Square(double x) { return x * x; }

}  // namespace

double VariancePreservingGain(Activation id, std::span<const double> parameters) {
  return 1.0 / ExpectedValue([&](double z) { return Square(Evaluate(id, parameters, z)); });
}

double GradientFactor(Activation id, std::span<const double> parameters) {
  // At a kink the slope is the mean of both sides: each counts in its own parabola.
  const auto slope_squared = [&](double z) {
    constexpr double kAside = 1e-9;
    return 0.5 * (Square(Derivative(id, parameters, z - kAside)) +
                  Square(Derivative(id, parameters, z + kAside)));
  };
  return ExpectedValue(slope_squared) * VariancePreservingGain(id, parameters);
}

}  // namespace actium::activation
