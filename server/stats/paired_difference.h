#ifndef ACTIUM_SERVER_STATS_PAIRED_DIFFERENCE_H_
#define ACTIUM_SERVER_STATS_PAIRED_DIFFERENCE_H_

#include "server/stats/interval.h"
#include "server/stats/paired_counts.h"

/// The difference of two models' accuracies on the same examples, first less second.
///
/// Preconditions of all: counts >= 0, confidence in (0, 1), margin in (0, 1). Shares, not percent:
/// a margin of half a percentage point is 0.005. Without examples an interval is [-1, 1] and a p
/// value is 1.
namespace actium::stats {

/// Newcombe's hybrid score interval (method 10): from the Wilson intervals of both accuracies and
/// the correlation of the answers. Contains the observed difference.
/// Source: R. G. Newcombe, Stat. Med. 17 (1998) 2635.
Interval NewcombeInterval(const PairedCounts& counts, double confidence);

/// Tango's score interval: the differences that a score test would not reject. The one to decide
/// by: its coverage is near `confidence` in small samples too. Contains the observed difference.
/// Source: T. Tango, Stat. Med. 17 (1998) 891.
Interval TangoInterval(const PairedCounts& counts, double confidence);

/// A one-sided test: a small p speaks for what the function's name says.
struct MarginTest {
  double z = 0.0;
  double p = 1.0;
};

/// Tests that the first model is less than `margin` below the second. Agrees with the interval:
/// p < a where TangoInterval at confidence 1 - 2a lies above -margin.
/// Source: Tango, as above, section 3.
MarginTest PairedNonInferiority(const PairedCounts& counts, double margin);

/// Tests that the models differ by less than `margin` either way, by two one-sided tests: z and p
/// are those of the weaker one.
/// Source: D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15 (1987) 657, with Tango's statistic.
MarginTest PairedEquivalence(const PairedCounts& counts, double margin);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_DIFFERENCE_H_
