#ifndef ACTIUM_SERVER_STATS_PAIRED_T_H_
#define ACTIUM_SERVER_STATS_PAIRED_T_H_

#include <cstdint>
#include <span>

#include "server/stats/interval.h"

/// What paired differences say of their mean, if they are independent and about normal. A pair is
/// the unit of replication: a round (of ln latencies), a training seed (of accuracies).
/// Source: Student, Biometrika 6 (1908) 1.
namespace actium::stats {

/// Mean, spread and the two-sided test of "the mean is 0".
struct PairedT {
  int64_t pairs = 0;
  double mean = 0.0;
  double sd = 0.0;  ///< With divisor pairs - 1; 0 of one pair.
  double t = 0.0;   ///< Infinite where all differences are equal and not 0; 0 where all are 0.
  double p = 1.0;   ///< In [0, 1].
  Interval interval = {};  ///< Of the mean; of one pair from minus infinity to infinity.
};

/// Tests and estimates. One pair says nothing but its difference: p is 1.
///
/// differences: finite, at least one. confidence: of the interval, in (0, 1).
PairedT PairedTTest(std::span<const double> differences, double confidence);

/// The one-sided p value that speaks for a true mean below `bound`; 1 of one pair.
double BelowBoundP(const PairedT& test, double bound);

/// The p value of two one-sided tests that speaks for a true mean within (lower, upper); 1 of one
/// pair. It is < a just where the interval at confidence 1 - 2a lies within the bounds.
/// Source: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657.
double WithinBoundsP(const PairedT& test, const Interval& bounds);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_T_H_
