#include "server/stats/welch.h"

#include <algorithm>
#include <cmath>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"
#include "server/stats/hedges_g.h"

namespace actium::stats {
namespace {

void CheckSummary(const Summary& summary) {
  ACTIUM_CHECK(std::isfinite(summary.mean) && summary.sd >= 0.0 && summary.count >= 2);
}

double VarianceOfMean(const Summary& summary) {
  return summary.sd * summary.sd / static_cast<double>(summary.count);
}

}  // namespace

Welch WelchTest(const Summary& first, const Summary& second, double confidence) {
  CheckSummary(first);
  CheckSummary(second);
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
  const double difference = first.mean - second.mean;
  const double v1 = VarianceOfMean(first);
  const double v2 = VarianceOfMean(second);
  const auto degrees1 = static_cast<double>(first.count - 1);
  const auto degrees2 = static_cast<double>(second.count - 1);
  const double pooled = std::sqrt(
      (degrees1 * first.sd * first.sd + degrees2 * second.sd * second.sd) / (degrees1 + degrees2));
  Welch result = {.difference = difference, .degrees = degrees1 + degrees2};
  if (v1 + v2 > 0.0) {
    result.degrees = (v1 + v2) * (v1 + v2) / (v1 * v1 / degrees1 + v2 * v2 / degrees2);
    result.hedges_g = HedgesG(difference, pooled, degrees1 + degrees2);
  }
  if (difference != 0.0) result.t = difference / std::sqrt(v1 + v2);
  result.p = std::min(1.0, 2.0 * StudentUpperTail(std::abs(result.t), result.degrees));
  const double half = StudentCritical(confidence, result.degrees) * std::sqrt(v1 + v2);
  result.interval = {.lower = difference - half, .upper = difference + half};
  return result;
}

}  // namespace actium::stats
