#ifndef ACTIUM_CLIENT_CLI_SELECTION_H_
#define ACTIUM_CLIENT_CLI_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"

namespace actium::cli {

/// Which variant is compared with the baseline on data that had no part in choosing it.
struct Choice {
  std::string chosen;             ///< The most accurate one that is not the baseline.
  bool baseline_is_best = false;  ///< The baseline is at least as accurate: `chosen` comes second.
  std::vector<std::string> equals;  ///< Others, not the baseline, that were as accurate as it.
};

/// Chooses by the number of right predictions; of equals the first of the report.
///
/// report: labelled, of two variants at least, one of them the baseline. Errors: INVALID_ARGUMENT
/// if the examples were not labelled.
absl::StatusOr<Choice> Choose(const v1::AccuracyReport& report);

/// Says in words what was chosen by a report, and what is reported then.
std::string Describe(const Choice& choice, const v1::AccuracyReport& report);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_SELECTION_H_
