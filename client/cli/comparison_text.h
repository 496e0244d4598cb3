#ifndef ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_

#include <fmt/format.h>

#include <string>

#include "actium/v1/comparison.pb.h"
#include "client/cli/terminal.h"

namespace actium::cli {

/// Prints what a reader must know. Report: any with an inference unit and warnings.
template <class Report>
void PrintRemarks(const Report& report) {
  fmt::print("About {}.\n", report.inference_unit());
  for (const std::string& warning : report.warnings()) {
    fmt::print("Note: {}.\n", Printable(warning));
  }
}

/// Returns a probability of a test, "0.0123"; small ones as a bound.
inline std::string PValue(double p) { return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p); }

/// Returns a share as "91.61 %"; an interval of shares, or of their differences, in percent.
inline std::string Percent(double share) { return fmt::format("{:.2f} %", 100 * share); }
inline std::string PercentRange(const v1::Estimate& estimate) {
  return fmt::format("{:.2f} to {:.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}
inline std::string PointRange(const v1::Estimate& estimate) {
  return fmt::format("{:+.2f} to {:+.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}

/// Returns a verdict in a word.
inline std::string TextOf(v1::AccuracyVerdict verdict) {
  switch (verdict) {
    case v1::ACCURACY_VERDICT_EQUIVALENT:
      return "equivalent";
    case v1::ACCURACY_VERDICT_BETTER:
      return "better";
    case v1::ACCURACY_VERDICT_WORSE:
      return "worse";
    case v1::ACCURACY_VERDICT_UNDECIDED:
      return "undecided";
    default:
      return "unknown";
  }
}

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
