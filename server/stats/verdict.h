#ifndef ACTIUM_SERVER_STATS_VERDICT_H_
#define ACTIUM_SERVER_STATS_VERDICT_H_

#include "server/stats/interval.h"

namespace actium::stats {

/// What an interval allows to be said; of a latency ratio, lower is faster.
///
/// The first rule that holds decides:
///   1. the interval lies within the margin: equivalent, even if it excludes equality;
///   2. it lies wholly on one side of equality: lower or higher;
///   3. otherwise undecided.
enum class Verdict { kUndecided, kEquivalent, kLower, kHigher };

/// Judges a ratio, as of two latencies: equality is 1, and the margin is [1 / (1 + margin), 1 +
/// margin].
///
/// interval: simultaneous over all that is judged together, so at SimultaneousConfidence()
/// (multiple_testing.h); no NaN. margin: > 0; 0.03 is 3 %.
Verdict JudgeRatio(const Interval& interval, double margin);

/// Judges a difference, as of two accuracies: equality is 0, and the margin is [-margin, margin].
/// Arguments as of JudgeRatio(), the margin in the difference's unit.
Verdict JudgeDifference(const Interval& interval, double margin);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_VERDICT_H_
