#ifndef ACTIUM_SERVER_STATS_PAIRED_RATIO_H_
#define ACTIUM_SERVER_STATS_PAIRED_RATIO_H_

#include <cstdint>
#include <optional>
#include <span>

#include "server/stats/interval.h"
#include "server/stats/paired_t.h"
#include "server/stats/signed_rank.h"

/// The ratio of two variants' times over paired rounds: differences of logarithms, so that twice as
/// slow and twice as fast are equally far from 1. The round is the unit: samples inside one are
/// correlated, so a round comes in as one number, the median of its samples.
namespace actium::stats {

/// Ratios are variant / baseline, without unit: 1.05 is 5 % slower.
struct PairedRatio {
  /// Of ln(variant / baseline), by the t test.
  PairedT ln_ratio;
  /// Geometric mean of the rounds' ratios, exp(ln_ratio.mean), with its interval; of one round it
  /// is [0, infinity].
  double ratio = 1.0;
  Interval interval;
  /// The same question asked by signed ranks, which outliers do not move. An interval of too few
  /// rounds is [0, infinity].
  SignedRank signed_rank;
  double hodges_lehmann_ratio = 1.0;
  Interval hodges_lehmann_interval;
  double hodges_lehmann_coverage = 1.0;
};

/// Estimates the ratio.
///
/// baseline, variant: round medians in one unit, finite and > 0, equally many and at least one;
/// [i] of both is from round i. confidence: of both intervals, in (0, 1).
PairedRatio EstimatePairedRatio(std::span<const double> baseline, std::span<const double> variant,
                                double confidence);

/// The one-sided p value that speaks for a ratio below 1 + margin: the variant is not slower by
/// more. margin: > 0; 0.03 is 3 %. 1 of one round.
double RatioNonInferiorityP(const PairedRatio& ratio, double margin);

/// The p value that speaks for a ratio within (1 / (1 + margin), 1 + margin). 1 of one round.
double RatioEquivalenceP(const PairedRatio& ratio, double margin);

/// The number of rounds, at least 2, of which the interval at `confidence` decides with about
/// `power`, were the observed ratio and spread the true ones: it excludes 1, or it lies within the
/// margin. None of one round, which shows no spread, and if that is more than 1,000,000.
///
/// margin: > 0. confidence: in (0, 1). power: in (1 - confidence, 1).
std::optional<int64_t> RoundsForDecision(const PairedRatio& ratio, double margin, double confidence,
                                         double power);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_RATIO_H_
