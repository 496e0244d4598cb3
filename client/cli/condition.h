#ifndef ACTIUM_CLIENT_CLI_CONDITION_H_
#define ACTIUM_CLIENT_CLI_CONDITION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// What a condition is about: what comparisons give an interval for.
enum class Metric {
  kAccuracy,       ///< Share of right predictions.
  kTopKAccuracy,   ///< Share of labels among the best k.
  kAgreement,      ///< Share of examples with the baseline's predicted class.
  kServedLatency,  ///< A quantile of the time from the server's core to the answer.
  kEngineLatency,  ///< A quantile of the time of the engine's run.
};

/// True for the metrics of latency reports; the others are of accuracy reports.
bool IsLatency(Metric metric);

enum class Relation { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

/// "mish.accuracy < relu.accuracy - 0.5pp", for --fail-if.
struct Condition {
  std::string text;  ///< As it was given.
  std::string variant;
  Metric metric = Metric::kAccuracy;
  double quantile = 0;  ///< Of a latency, as 0.99; 0 for others.
  Relation relation = Relation::kLess;
  /// Set: the condition is about the difference of accuracies, variant minus other, or the ratio of
  /// latencies, variant over other. Unset: about the variant's own value.
  std::optional<std::string> other;
  /// What the value, difference or ratio is compared with: a share in [0, 1], nanoseconds, a
  /// difference of shares, or a ratio.
  double bound = 0;
};

/// The variants that conditions may name.
struct ConditionScope {
  std::vector<std::string> variants;
  std::string baseline;  ///< One of them.
};

/// Reads a condition:
///
///   VARIANT.METRIC RELATION NUMBER               accuracy, top_k_accuracy, agreement: in [0, 1]
///   VARIANT.METRIC RELATION NUMBER ns|us|ms|s    latency_p50, p90, p95, p99, p99_9; engine_p50,
///   ... VARIANT.accuracy RELATION VARIANT.accuracy [+|- NUMBER pp] VARIANT.latency_p50 RELATION
///   [NUMBER *] VARIANT.latency_p50     and engine_p50
///
/// with RELATION one of <, <=, >, >=. Blanks are free between the parts.
/// Errors: INVALID_ARGUMENT names the column, from 1, what stands there and what is allowed.
absl::StatusOr<Condition> ParseCondition(std::string_view text, const ConditionScope& scope);

/// True if a condition compares two variants of which neither is the baseline, so that all pairs
/// must be compared.
bool NeedsAllPairs(const Condition& condition, const std::string& baseline);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_CONDITION_H_
