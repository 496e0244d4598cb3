#ifndef ACTIUM_SERVER_STATS_MULTIPLE_TESTING_H_
#define ACTIUM_SERVER_STATS_MULTIPLE_TESTING_H_

#include <span>
#include <vector>

/// What to do with the p values and intervals of several comparisons that are read together.
///
/// An adjusted p value is compared with the level itself: reject where it is <= alpha. Results are
/// in the order of the arguments; each p is in [0, 1], and so is each adjusted one. A comparison
/// that could not be made stays out (or comes in as p = 1).
namespace actium::stats {

/// Holm's step-down: the chance of any false rejection is at most alpha, however the tests depend
/// on each other. The default here.
/// Source: S. Holm, Scand. J. Stat. 6 (1979) 65.
std::vector<double> HolmAdjusted(std::span<const double> p);

/// Hochberg's step-up: rejects all that Holm's does and sometimes more; needs tests that are
/// independent or positively dependent.
/// Source: Y. Hochberg, Biometrika 75 (1988) 800.
std::vector<double> HochbergAdjusted(std::span<const double> p);

/// Benjamini and Hochberg: of what is rejected, a share of at most alpha is false, on average; same
/// needs as Hochberg's. For screening, not for naming a winner.
/// Source: Y. Benjamini, Y. Hochberg, J. R. Stat. Soc. B 57 (1995) 289.
std::vector<double> BenjaminiHochbergAdjusted(std::span<const double> p);

/// The confidence of each of `comparisons` intervals that makes all of them true together with at
/// least `confidence`, however they depend on each other: 1 - (1 - confidence) / comparisons
/// (Bonferroni). For verdicts by intervals.
///
/// confidence: in (0, 1). comparisons: >= 1.
double SimultaneousConfidence(double confidence, int comparisons);

/// The confidence of each interval that makes it agree with Holm's test: computed from the same
/// statistic as p[i], interval i excludes the tested value just where HolmAdjusted(p)[i] <= 1 -
/// confidence. None is wider than Bonferroni's.
///
/// What is guaranteed is that with `confidence` no interval excludes a tested value that is true;
/// as statements on the size of effects they are not simultaneous. confidence: in (0, 1).
/// Source: R. C. Serlin, J. Exp. Educ. 61 (1993) 350.
std::vector<double> HolmConfidences(std::span<const double> p, double confidence);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_MULTIPLE_TESTING_H_
