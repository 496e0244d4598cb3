#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "client/cli/commands.h"
#include "client/cli/comparison_options.h"
#include "client/cli/comparison_page.h"
#include "client/cli/comparison_run.h"
#include "client/cli/report_file.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

absl::Status Run(Session& session, const ComparisonOptions& options) {
  std::optional<ReportFile> page;
  if (!options.report.empty()) {
    ACTIUM_ASSIGN_OR_RETURN(page, ReportFile::Open(options.report));
  }
  ACTIUM_ASSIGN_OR_RETURN(const ComparisonResults results, RunComparison(session, options));
  if (page) {
    ACTIUM_RETURN_IF_ERROR(page->Commit(MakeComparisonPage(session, results)));
    if (!session.json) fmt::print("\nReport: {}\n", options.report);
  }
  if (session.json) {
    ACTIUM_ASSIGN_OR_RETURN(const Json json, ResultsAsJson(results));
    PrintJson(json);
  }
  return StatusOf(results.verdicts);
}

}  // namespace

void AddCompare(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "compare",
      "Compares models on examples and in interleaved timings, and says which differences are\n"
      "real.");
  auto options = std::make_shared<ComparisonOptions>();
  AddComparisonOptions(*command, *options);
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "With --data, --select-on and --report-on name parts of it: sub-folders, or of IDX files\n"
      "test and validation (those that actium-train holds out). Conditions are like\n"
      "  'mish.accuracy < relu.accuracy - 0.5pp'   'mish.accuracy < 0.9'   'mish.agreement < "
      "0.99'\n"
      "  'mish.latency_p50 > 1.05 * relu.latency_p50'   'mish.latency_p99 > 20ms'\n"
      "with <, <=, >, >= and, after a selection, `chosen` for a model; they are decided by the\n"
      "intervals, at every batch size. Latencies are compared with the baseline.\n\n"
      "Timings are inside the server, behind all serving requests; of examples of the data, or\n"
      "with --no-accuracy and without --data of made-up inputs, if Fashion-MNIST does not fit.\n"
      "--json prints {\"selection\": ..., \"data\": ..., \"accuracy\": AccuracyReport, "
      "\"latency\":\n"
      "LatencyReport, \"seeds\": SeedsReport, \"fail_if\": [...]}; docs/comparing.md and "
      "proto/actium/v1\n"
      "say what is in them.\n\n"
      "Example: actium --local models/repository compare relu swish mish --baseline relu");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
