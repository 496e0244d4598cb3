#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <string>

#include "client/cli/commands.h"
#include "client/cli/comparison_report.h"
#include "client/cli/exit_status.h"
#include "client/cli/explanation.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

struct Options {
  std::string model;
  int batch_size = 1;
  bool no_time = false;
  bool dot = false;
  bool graph = false;
};

std::string Render(const v1::ExplainModelResponse& explanation, const Options& options) {
  if (options.dot) return RenderStepGraph(explanation);
  return options.graph ? RenderModelGraphs(explanation) : RenderExplanation(explanation);
}

absl::StatusOr<v1::ExplainModelRequest> MakeRequest(const Options& options) {
  v1::ExplainModelRequest request;
  request.set_batch_size(options.batch_size);
  request.set_without_times(options.no_time);
  const size_t colon = options.model.rfind(':');
  request.set_model(options.model.substr(0, colon));
  if (colon == std::string::npos) return request;
  const std::string version = options.model.substr(colon + 1);
  int64_t number = 0;
  const char* end = version.data() + version.size();
  const auto [parsed, error] = std::from_chars(version.data(), end, number);
  if (error != std::errc{} || parsed != end || number < 1) {
    return absl::InvalidArgumentError(fmt::format(
        "a version must be a whole number of at least 1, got {}", base::Quote(options.model)));
  }
  request.set_version(number);
  return request;
}

absl::Status Run(Session& session, const Options& options) {
  ACTIUM_ASSIGN_OR_RETURN(const v1::ExplainModelRequest request, MakeRequest(options));
  ACTIUM_ASSIGN_OR_RETURN(client::Client* const server, session.Connect());
  const auto explanation = server->ExplainModel(request);
  if (!explanation.ok()) return Annotate(explanation.status(), server->address());
  if (session.json) {
    ACTIUM_ASSIGN_OR_RETURN(const Json json, ReportAsJson(*explanation));
    PrintJson(json);
  } else {
    fmt::print("{}", Render(*explanation, options));
  }
  return absl::OkStatus();
}

}  // namespace

void AddExplain(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "explain",
      "Shows what the server really runs for a model, step by step, and how long each\n"
      "step takes.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "NAME or NAME:VERSION")->required();
  command
      ->add_option("--batch-size", options->batch_size,
                   "rows of the batch, in [1, the model's max_batch_size] [1]")
      ->type_name("N")
      ->check(Within(1, 1'000'000));
  command->add_flag("--no-time", options->no_time, "run the model once instead of timing it");
  CLI::Option* const dot =
      command->add_flag("--dot", options->dot, "print the steps as a graph for Graphviz's dot");
  command
      ->add_flag("--graph", options->graph,
                 "print the model's graph as it was imported and as it runs")
      ->excludes(dot);
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "The server runs the model on zeros, behind all that it serves. Models whose weights have\n"
      "the same SHA-256 and whose files differ are one network with another activation.\n"
      "--json prints the ExplainModelResponse that proto/actium/v1/introspection.proto documents.\n"
      "\n"
      "Example: actium --local models/repository explain mish --batch-size 8");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
