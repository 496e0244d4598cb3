#include "server/stats/quantile_interval.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {
namespace {

void CheckArguments(double quantile, double confidence) {
  ACTIUM_CHECK(quantile > 0.0 && quantile < 1.0);
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
}

}  // namespace

QuantileRanks QuantileIntervalRanks(int64_t samples, double quantile, double confidence) {
  CheckArguments(quantile, confidence);
  ACTIUM_CHECK(samples >= 0);
  if (samples == 0) return {};
  // The number of samples that do not exceed the quantile is binomial.
  const double tail = (1.0 - confidence) / 2.0;
  const int64_t lower = BinomialQuantile(tail, samples, quantile);
  const int64_t upper = BinomialQuantile(1.0 - tail, samples, quantile) + 1;
  QuantileRanks ranks;
  if (lower >= 1) {
    ranks.lower = lower;
    ranks.coverage -= BinomialCdf(lower - 1, samples, quantile);
  }
  if (upper <= samples) {
    ranks.upper = upper;
    ranks.coverage -= 1.0 - BinomialCdf(upper - 1, samples, quantile);
  }
  return ranks;
}

int64_t SamplesForQuantileInterval(double quantile, double confidence) {
  CheckArguments(quantile, confidence);
  // All samples lie on one side of the quantile with probability quantile^n, or its complement^n.
  const double log_tail = std::log((1.0 - confidence) / 2.0);
  const double for_upper = log_tail / std::log(quantile);
  const double for_lower = log_tail / std::log1p(-quantile);
  return static_cast<int64_t>(std::ceil(std::max({for_upper, for_lower, 1.0})));
}

QuantileEstimate EstimateQuantile(std::span<const double> ascending, double quantile,
                                  double confidence) {
  ACTIUM_CHECK(!ascending.empty());
  const auto n = std::ssize(ascending);
  const QuantileRanks ranks = QuantileIntervalRanks(n, quantile, confidence);
  const auto at = [&](int64_t rank) { return ascending[static_cast<size_t>(rank - 1)]; };
  // The product may be a rounding above the whole number that is meant.
  const double exact = quantile * static_cast<double>(n);
  const auto rank =
      static_cast<int64_t>(std::ceil(exact * (1.0 - 4.0 * std::numeric_limits<double>::epsilon())));
  QuantileEstimate estimate = {.value = at(std::clamp<int64_t>(rank, 1, n))};
  if (ranks.lower) estimate.lower = at(*ranks.lower);
  if (ranks.upper) estimate.upper = at(*ranks.upper);
  estimate.coverage = ranks.coverage;
  return estimate;
}

}  // namespace actium::stats
