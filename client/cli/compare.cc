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
  if (!session.json) return absl::OkStatus();
  ACTIUM_ASSIGN_OR_RETURN(const Json json, ResultsAsJson(results));
  PrintJson(json);
  return absl::OkStatus();
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
      "Timings are inside the server, behind all serving requests; of examples of the data, or\n"
      "with --no-accuracy and without --data of made-up inputs, if Fashion-MNIST does not fit.\n"
      "--json prints {\"data\": ..., \"accuracy\": AccuracyReport, \"latency\": LatencyReport} as\n"
      "proto/actium/v1/comparison.proto and docs/comparing.md document them.\n\n"
      "Example: actium --local models/repository compare relu swish mish --baseline relu");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
