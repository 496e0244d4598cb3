#ifndef ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"
#include "client/cli/comparison_data.h"
#include "client/cli/comparison_options.h"
#include "client/cli/condition_decision.h"
#include "client/cli/selection.h"
#include "client/cli/session.h"

namespace actium::cli {

/// How the variant that is reported was chosen.
struct Selection {
  ComparisonData data;
  v1::AccuracyReport accuracy;  ///< Of all variants, on that data.
  Choice choice;
};

/// What a comparison has shown. Unset: not asked for.
struct ComparisonResults {
  std::optional<Selection> selection;
  std::optional<ComparisonData> data;  ///< What the reports are about; unset: timings of made-up
                                       ///< inputs only.
  std::optional<v1::AccuracyReport> accuracy;
  std::optional<v1::LatencyReport> latency;
  std::optional<v1::SeedsReport> seeds;
  std::vector<Verdict> verdicts;  ///< Of options.fail_if, in its order.
};

/// Compares answers and latency, one after the other, as the server does one at a time, and decides
/// the conditions; prints each as soon as it is there, unless session.json. With a selection, all
/// variants are compared on its data and then the chosen one with the baseline.
///
/// Errors: INVALID_ARGUMENT for a wrong condition or selection, before anything is measured; those
/// of the data, the conversion and the server. What was measured before an error is lost.
absl::StatusOr<ComparisonResults> RunComparison(Session& session, ComparisonOptions options);

/// Returns the results as `actium compare --json` prints them.
absl::StatusOr<Json> ResultsAsJson(const ComparisonResults& results);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_
