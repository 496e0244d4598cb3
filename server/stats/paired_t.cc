#include "server/stats/paired_t.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {
namespace {

double StandardError(const PairedT& test) {
  return test.sd / std::sqrt(static_cast<double>(test.pairs));
}

// How many standard errors `distance` is: infinitely many where there is no spread.
double InStandardErrors(double distance, double standard_error) {
  return distance == 0.0 ? 0.0 : distance / standard_error;
}

double MeanOf(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double DeviationOf(std::span<const double> values, double mean) {
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

PairedT PairedTTest(std::span<const double> differences, double confidence) {
  ACTIUM_CHECK(!differences.empty());
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
  for (const double difference : differences) ACTIUM_CHECK(std::isfinite(difference));
  PairedT test = {.pairs = std::ssize(differences), .mean = MeanOf(differences)};
  if (test.pairs == 1) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    test.interval = {.lower = -kInfinity, .upper = kInfinity};
    return test;
  }
  const auto degrees = static_cast<double>(test.pairs - 1);
  test.sd = DeviationOf(differences, test.mean);
  test.t = InStandardErrors(test.mean, StandardError(test));
  test.p = std::min(1.0, 2.0 * StudentUpperTail(std::abs(test.t), degrees));
  const double half = StudentCritical(confidence, degrees) * StandardError(test);
  test.interval = {.lower = test.mean - half, .upper = test.mean + half};
  return test;
}

double BelowBoundP(const PairedT& test, double bound) {
  if (test.pairs < 2) return 1.0;
  const double t = InStandardErrors(bound - test.mean, StandardError(test));
  return StudentUpperTail(t, static_cast<double>(test.pairs - 1));
}

double WithinBoundsP(const PairedT& test, const Interval& bounds) {
  if (test.pairs < 2) return 1.0;
  const double t = InStandardErrors(test.mean - bounds.lower, StandardError(test));
  const double above_lower = StudentUpperTail(t, static_cast<double>(test.pairs - 1));
  return std::max(above_lower, BelowBoundP(test, bounds.upper));
}

}  // namespace actium::stats
