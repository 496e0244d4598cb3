#include "server/stats/paired_difference.h"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"
#include "server/stats/proportion.h"
#include "server/stats/tango_variance.h"

namespace actium::stats {
namespace {

constexpr Interval kAnyDifference = {.lower = -1.0, .upper = 1.0};

void CheckCounts(const PairedCounts& counts) {
  ACTIUM_CHECK(counts.both_right >= 0 && counts.first_only >= 0 && counts.second_only >= 0 &&
               counts.both_wrong >= 0);
}

// The correlation of the answers, drawn to 0 by a correction for continuity where it is positive.
double CorrectedCorrelation(const PairedCounts& counts) {
  const auto a = static_cast<double>(counts.both_right);
  const auto b = static_cast<double>(counts.first_only);
  const auto c = static_cast<double>(counts.second_only);
  const auto d = static_cast<double>(counts.both_wrong);
  const double margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins == 0.0) return 0.0;
  double covariance = a * d - b * c;
  if (covariance > 0.0) covariance = std::max(0.0, covariance - (a + b + c + d) / 2.0);
  return covariance / std::sqrt(margins);
}

// The distance from the observed difference to an end: x and y are those of the two accuracies to
// the opposite ends of their intervals.
double CombinedDistance(double x, double y, double correlation) {
  return std::sqrt(std::max(0.0, x * x - 2.0 * correlation * x * y + y * y));
}

// How many standard deviations the observed difference lies above a true one; it falls from
// infinity to minus infinity between -1 and 1.
double TangoScore(const PairedCounts& counts, double difference) {
  const auto n = static_cast<double>(counts.total());
  const double distance = counts.difference() - difference;
  if (distance == 0.0) return 0.0;
  const double variance = TangoVariance(static_cast<double>(counts.first_only) / n,
                                        static_cast<double>(counts.second_only) / n, difference);
  if (variance == 0.0) return std::copysign(std::numeric_limits<double>::infinity(), distance);
  return distance * std::sqrt(n / variance);
}

// Where the score is `z`, between `low` and `high`, of which the score is above and below z. By
// bisection, since the score is infinite at the ends and has a kink at 0 in empty tables.
double DifferenceOfScore(const PairedCounts& counts, double z, double low, double high) {
  const auto excess = [&](double difference) { return TangoScore(counts, difference) - z; };
  const boost::math::tools::eps_tolerance<double> tolerance(52);
  const auto [below, above] = boost::math::tools::bisect(excess, low, high, tolerance);
  return std::midpoint(below, above);
}

}  // namespace

Interval NewcombeInterval(const PairedCounts& counts, double confidence) {
  CheckCounts(counts);
  const int64_t n = counts.total();
  const Interval first = WilsonInterval(counts.both_right + counts.first_only, n, confidence);
  const Interval second = WilsonInterval(counts.both_right + counts.second_only, n, confidence);
  if (n == 0) return kAnyDifference;
  const double p1 =
      static_cast<double>(counts.both_right + counts.first_only) / static_cast<double>(n);
  const double p2 =
      static_cast<double>(counts.both_right + counts.second_only) / static_cast<double>(n);
  const double phi = CorrectedCorrelation(counts);
  return {
      .lower = counts.difference() - CombinedDistance(p1 - first.lower, second.upper - p2, phi),
      .upper = counts.difference() + CombinedDistance(first.upper - p1, p2 - second.lower, phi)};
}

Interval TangoInterval(const PairedCounts& counts, double confidence) {
  CheckCounts(counts);
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
  if (counts.total() == 0) return kAnyDifference;
  const double z = NormalCritical(confidence);
  const double observed = counts.difference();
  Interval interval = kAnyDifference;
  if (observed > -1.0) interval.lower = DifferenceOfScore(counts, z, -1.0, observed);
  if (observed < 1.0) interval.upper = DifferenceOfScore(counts, -z, observed, 1.0);
  return interval;
}

MarginTest PairedNonInferiority(const PairedCounts& counts, double margin) {
  CheckCounts(counts);
  ACTIUM_CHECK(margin > 0.0 && margin < 1.0);
  if (counts.total() == 0) return {};
  const double z = TangoScore(counts, -margin);
  return {.z = z, .p = NormalUpperTail(z)};
}

MarginTest PairedEquivalence(const PairedCounts& counts, double margin) {
  CheckCounts(counts);
  ACTIUM_CHECK(margin > 0.0 && margin < 1.0);
  if (counts.total() == 0) return {};
  const double z = std::min(TangoScore(counts, -margin), -TangoScore(counts, margin));
  return {.z = z, .p = NormalUpperTail(z)};
}

}  // namespace actium::stats
