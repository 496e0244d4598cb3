#ifndef ACTIUM_SERVER_STATS_SIGNED_RANK_H_
#define ACTIUM_SERVER_STATS_SIGNED_RANK_H_

#include <cstdint>
#include <span>

#include "server/stats/interval.h"

/// What paired differences say without the assumption that they are normal: only that they are
/// independent and lie symmetrically about their centre. One outlier moves these results little,
/// where it can spoil those of the t test (paired_t.h).
///
/// Up to 100 differences the null distribution is exact, beyond it is a normal one. Differences
/// must be finite. Sources: F. Wilcoxon, Biometrics Bull. 1 (1945) 80; J. L. Hodges, E. L. Lehmann,
/// Ann. Math. Stat. 34 (1963) 598.
namespace actium::stats {

/// A two-sided test of "the differences lie symmetrically about 0".
struct SignedRank {
  int64_t pairs = 0;     ///< Differences other than 0; those of 0 are left out.
  double statistic = 0;  ///< The smaller one of the rank sums of positive and negative differences.
  double p = 1.0;        ///< In (0, 1]; 1 without pairs. Five pairs never give less than 0.0625.
};

/// Equal sizes share their ranks; the exact distribution takes account of that.
SignedRank SignedRankTest(std::span<const double> differences);

/// The centre of the differences.
struct HodgesLehmann {
  /// Median of the means of all pairs of differences, each with itself included.
  double estimate = 0.0;
  /// From minus infinity to infinity where there are too few differences for the confidence: below
  /// six for 0.95.
  Interval interval = {};
  double coverage = 1.0;  ///< Probability that the interval contains the centre: >= confidence.
};

/// The interval has the centres that SignedRankTest would not reject.
///
/// differences: at least one; takes time and memory of their number squared. confidence: in (0, 1).
HodgesLehmann HodgesLehmannInterval(std::span<const double> differences, double confidence);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_SIGNED_RANK_H_
