#include "server/stats/paired_t_power.h"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <numbers>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {
namespace {

constexpr int64_t kMostPairs = 1'000'000;

// P(|Z + shift| > critical * S) where S^2 is chi^2 over its degrees of freedom: the chance that the
// t test rejects when the mean is `shift` standard errors from 0. S is integrated out in closed
// form, Z by quadrature. (Boost's noncentral t distribution throws at large shifts.)
double PowerAt(double shift, double degrees, double alpha) {
  constexpr double kEnd = 9.0;  // P(|Z| > 9) is 2e-19.
  const double critical = StudentCritical(1.0 - alpha, degrees);
  if (std::abs(shift) > 1e6 * critical + kEnd) return 1.0;  // S is not a million.
  const auto rejected = [&](double z) {
    const double ratio = (z + shift) / critical;
    return std::exp(-z * z / 2.0) * ChiSquaredCdf(degrees * ratio * ratio, degrees);
  };
  // Deep, since of many degrees S hardly varies, and the integrand is almost a step.
  return boost::math::quadrature::gauss_kronrod<double, 31>::integrate(rejected, -kEnd, kEnd, 12,
                                                                       1e-11) /
         std::sqrt(2.0 * std::numbers::pi);
}

// The chance that an end of the interval lies at or beyond a bound `distance` away from the mean:
// by Student's distribution, moved, for the noncentral one.
double MissAt(int64_t pairs, double distance, double sd, double alpha) {
  const auto degrees = static_cast<double>(pairs - 1);
  const double room = distance * std::sqrt(static_cast<double>(pairs)) / sd;
  return StudentUpperTail(room - StudentCritical(1.0 - alpha, degrees), degrees);
}

// The smallest number of pairs that is enough, which all larger ones are; kMostPairs + 1 if none
// is.
template <class IsEnough>
int64_t SmallestPairs(IsEnough is_enough) {
  int64_t lowest = 2;
  int64_t highest = 2;
  while (highest <= kMostPairs && !is_enough(highest)) {
    lowest = highest + 1;
    highest = std::min(2 * highest, kMostPairs + 1);
  }
  while (lowest < highest) {
    const int64_t middle = lowest + (highest - lowest) / 2;
    if (is_enough(middle)) {
      highest = middle;
    } else {
      lowest = middle + 1;
    }
  }
  return lowest;
}

}  // namespace

double PairedTPower(int64_t pairs, double difference, double sd, double alpha) {
  ACTIUM_CHECK(pairs >= 2 && sd >= 0.0 && std::isfinite(difference));
  ACTIUM_CHECK(alpha > 0.0 && alpha < 1.0);
  if (difference == 0.0) return alpha;
  if (sd == 0.0) return 1.0;
  return PowerAt(difference / sd * std::sqrt(static_cast<double>(pairs)),
                 static_cast<double>(pairs - 1), alpha);
}

std::optional<double> DetectableMeanDifference(int64_t pairs, double sd, double alpha,
                                               double power) {
  ACTIUM_CHECK(sd >= 0.0 && alpha > 0.0 && alpha < power && power < 1.0);
  if (pairs < 2) return std::nullopt;
  const auto degrees = static_cast<double>(pairs - 1);
  const auto excess = [&](double noncentrality) {
    return PowerAt(noncentrality, degrees, alpha) - power;
  };
  double high = 1.0;
  while (excess(high) < 0.0) high *= 2.0;
  const boost::math::tools::eps_tolerance<double> tolerance(40);
  const auto [below, above] = boost::math::tools::bisect(excess, 0.0, high, tolerance);
  return above * sd / std::sqrt(static_cast<double>(pairs));
}

std::optional<int64_t> PairsForDecision(double mean, double sd, double margin, double alpha,
                                        double power) {
  ACTIUM_CHECK(std::isfinite(mean) && sd >= 0.0 && margin > 0.0);
  ACTIUM_CHECK(alpha > 0.0 && alpha < power && power < 1.0);
  int64_t pairs =
      SmallestPairs([&](int64_t enough) { return PairedTPower(enough, mean, sd, alpha) >= power; });
  if (std::abs(mean) < margin) {
    pairs = std::min(pairs, SmallestPairs([&](int64_t enough) {
                       return MissAt(enough, margin - mean, sd, alpha) +
                                  MissAt(enough, margin + mean, sd, alpha) <=
                              1.0 - power;
                     }));
  }
  if (pairs > kMostPairs) return std::nullopt;
  return pairs;
}

}  // namespace actium::stats
