#ifndef ACTIUM_SERVER_STATS_SEEDS_H_
#define ACTIUM_SERVER_STATS_SEEDS_H_

#include <optional>
#include <span>

#include "server/stats/paired_t.h"

/// Statements on an activation with its recipe, where the training seed is the unit: what another
/// training would give, not what these checkpoints do.
namespace actium::stats {

/// Two variants that were trained with the same seeds.
struct SeedComparison {
  PairedT difference;  ///< Of the scores, first less second. Of one seed it says nothing: p is 1.
  /// The difference over the spread between seeds, the root mean square of both variants' standard
  /// deviations. None where there is no spread, and for fewer than three seeds.
  /// Source: G. Cumming, Understanding the New Statistics (2012), chapter 11.
  std::optional<double> hedges_g;
  /// The smallest true difference that so many seeds with the observed spread of differences find
  /// with the power asked for, at the level 1 - confidence. None of one seed.
  std::optional<double> detectable;
};

/// Compares by seed.
///
/// first, second: a score for each seed, as accuracy, finite, equally many and at least one; [i] of
/// both is from one seed. confidence: of the interval, in (0, 1). power: in (1 - confidence, 1).
SeedComparison CompareBySeed(std::span<const double> first, std::span<const double> second,
                             double confidence, double power);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_SEEDS_H_
