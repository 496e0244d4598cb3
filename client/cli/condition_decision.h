#ifndef ACTIUM_CLIENT_CLI_CONDITION_DECISION_H_
#define ACTIUM_CLIENT_CLI_CONDITION_DECISION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "actium/v1/comparison.pb.h"
#include "client/cli/condition.h"
#include "client/cli/session.h"

namespace actium::cli {

/// What the intervals say of a condition.
enum class Decision {
  kPasses,     ///< It surely does not hold.
  kFails,      ///< It surely holds.
  kUndecided,  ///< The interval has values with which it holds, and others.
};

/// Values that are credible; an end that is not known is infinite.
struct Interval {
  double lower = 0;
  double upper = 0;
};

/// Decides whether every value of the interval, or none, is in relation to the bound. An interval
/// with NaN decides nothing.
Decision Decide(Interval interval, Relation relation, double bound);

/// A condition's decision in one measurement.
struct Finding {
  int batch_size = 0;   ///< Of latencies; 0 for others.
  int concurrency = 0;  ///< Likewise.
  Interval interval;    ///< Of what Condition::bound bounds.
  Decision decision = Decision::kUndecided;
};

/// A condition's decision: fails if one of its findings does, passes if all do.
struct Verdict {
  Condition condition;
  Decision decision = Decision::kUndecided;
  std::vector<Finding> findings;  ///< One; of latencies, one for each batch size and concurrency.
  std::string reason;             ///< Why it is undecided, if not for its intervals; else empty.
};

/// Decides a condition by what was measured. Differences and ratios are decided by the interval
/// that holds for all of the report's contrasts together, as the report's verdicts are. On a
/// machine that was too noisy nothing of latencies is decided.
///
/// The report that the condition is about must be given and have its variants; what it lacks leaves
/// the condition undecided. A null report: not measured.
Verdict Decide(const Condition& condition, const v1::AccuracyReport* accuracy,
               const v1::LatencyReport* latency);

/// "passes: mish.accuracy < 0.9 (0.9123 to 0.9231)".
std::string Describe(const Verdict& verdict);
Json ToJson(const Verdict& verdict);

/// Returns how the program ends: an error with its exit status if a condition fails, another if
/// none fails and one is undecided.
absl::Status StatusOf(const std::vector<Verdict>& verdicts);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_CONDITION_DECISION_H_
