#ifndef ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_

#include <fmt/format.h>

#include <string>

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

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_TEXT_H_
