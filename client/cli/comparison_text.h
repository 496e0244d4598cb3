#ifndef ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_

#include <fmt/format.h>

#include <string>

#include "actium/v1/comparison.pb.h"
#include "client/cli/terminal.h"
#include "client/report/words.h"

namespace actium::cli {

/// Prints what a reader must know. Report: any with an inference unit and warnings.
template <class Report>
void PrintRemarks(const Report& report) {
  fmt::print("About {}.\n", report.inference_unit());
  for (const std::string& warning : report.warnings()) {
    fmt::print("Note: {}.\n", Printable(warning));
  }
}

/// Returns a share as "91.61 %"; an interval of shares, or of their differences, in percent.
inline std::string Percent(double share) { return fmt::format("{:.2f} %", 100 * share); }
inline std::string PercentRange(const v1::Estimate& estimate) {
  return fmt::format("{:.2f} to {:.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}
inline std::string PointRange(const v1::Estimate& estimate) {
  return fmt::format("{:+.2f} to {:+.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}

/// Returns a verdict in a word; "unknown" for one of a newer server. Verdict: of accuracy or
/// latency.
template <class Verdict>
std::string TextOf(Verdict verdict) {
  const std::string word = report::WordOf(verdict);
  return word.empty() ? "unknown" : word;
}

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
