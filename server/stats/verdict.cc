#include "server/stats/verdict.h"

#include "server/base/status_macros.h"

namespace actium::stats {
namespace {

Verdict Judge(const Interval& interval, const Interval& margin, double equality) {
  ACTIUM_CHECK(interval.lower <= interval.upper);
  if (interval.Within(margin)) return Verdict::kEquivalent;
  if (interval.upper < equality) return Verdict::kLower;
  if (interval.lower > equality) return Verdict::kHigher;
  return Verdict::kUndecided;
}

}  // namespace

Verdict JudgeRatio(const Interval& interval, double margin) {
  ACTIUM_CHECK(margin > 0.0);
  return Judge(interval, {.lower = 1.0 / (1.0 + margin), .upper = 1.0 + margin}, 1.0);
}

Verdict JudgeDifference(const Interval& interval, double margin) {
  ACTIUM_CHECK(margin > 0.0);
  return Judge(interval, {.lower = -margin, .upper = margin}, 0.0);
}

}  // namespace actium::stats
