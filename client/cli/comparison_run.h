#ifndef ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_

#include <optional>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"
#include "client/cli/comparison_data.h"
#include "client/cli/comparison_options.h"
#include "client/cli/session.h"

namespace actium::cli {

/// What a comparison has shown. Unset: not asked for.
struct ComparisonResults {
  std::optional<ComparisonData> data;  ///< What the reports are about; unset: timings of made-up
                                       ///< inputs only.
  std::optional<v1::AccuracyReport> accuracy;
  std::optional<v1::LatencyReport> latency;
};

/// Compares answers and latency, one after the other, as the server does one at a time; prints each
/// as soon as it is there, unless session.json.
///
/// Errors: those of the data, the conversion and the server; what was measured before is lost.
absl::StatusOr<ComparisonResults> RunComparison(Session& session, ComparisonOptions options);

/// Returns the results as `actium compare --json` prints them.
absl::StatusOr<Json> ResultsAsJson(const ComparisonResults& results);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_RUN_H_
