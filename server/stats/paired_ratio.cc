#include "server/stats/paired_ratio.h"

#include <cmath>
#include <vector>

#include "server/base/status_macros.h"
#include "server/stats/paired_t_power.h"

namespace actium::stats {
namespace {

std::vector<double> LnRatios(std::span<const double> baseline, std::span<const double> variant) {
  ACTIUM_CHECK(baseline.size() == variant.size());
  std::vector<double> ratios;
  ratios.reserve(baseline.size());
  for (size_t round = 0; round < baseline.size(); ++round) {
    ACTIUM_CHECK(baseline[round] > 0.0 && variant[round] > 0.0);
    ratios.push_back(std::log(variant[round] / baseline[round]));
  }
  return ratios;
}

Interval Exp(const Interval& interval) {
  return {.lower = std::exp(interval.lower), .upper = std::exp(interval.upper)};
}

}  // namespace

PairedRatio EstimatePairedRatio(std::span<const double> baseline, std::span<const double> variant,
                                double confidence) {
  const std::vector<double> ln_ratios = LnRatios(baseline, variant);
  const HodgesLehmann centre = HodgesLehmannInterval(ln_ratios, confidence);
  PairedRatio result;
  result.ln_ratio = PairedTTest(ln_ratios, confidence);
  result.ratio = std::exp(result.ln_ratio.mean);
  result.interval = Exp(result.ln_ratio.interval);
  result.signed_rank = SignedRankTest(ln_ratios);
  result.hodges_lehmann_ratio = std::exp(centre.estimate);
  result.hodges_lehmann_interval = Exp(centre.interval);
  result.hodges_lehmann_coverage = centre.coverage;
  return result;
}

double RatioNonInferiorityP(const PairedRatio& ratio, double margin) {
  ACTIUM_CHECK(margin > 0.0);
  return BelowBoundP(ratio.ln_ratio, std::log1p(margin));
}

double RatioEquivalenceP(const PairedRatio& ratio, double margin) {
  ACTIUM_CHECK(margin > 0.0);
  const double bound = std::log1p(margin);
  return WithinBoundsP(ratio.ln_ratio, {.lower = -bound, .upper = bound});
}

std::optional<int64_t> RoundsForDecision(const PairedRatio& ratio, double margin, double confidence,
                                         double power) {
  if (ratio.ln_ratio.pairs < 2) return std::nullopt;
  return PairsForDecision(ratio.ln_ratio.mean, ratio.ln_ratio.sd, std::log1p(margin),
                          1.0 - confidence, power);
}

}  // namespace actium::stats
