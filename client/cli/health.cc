#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/readiness.h"

namespace actium::cli {
namespace {

struct Options {
  std::string model;
  double wait_seconds = 0;
};

absl::Status Run(Session& session, const Options& options) {
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  const absl::Status ready = WaitUntilReady(**server, options.model, options.wait_seconds);
  const std::string what =
      options.model.empty() ? "server " + (*server)->address() : "model " + options.model;
  if (ready.ok() && session.json) PrintJson({{"ready", true}});
  if (ready.ok() && !session.json) fmt::print("{} is ready\n", what);
  return ready;
}

}  // namespace

void AddHealth(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("health", "Tells whether the server, or a model, takes requests.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ask for this model [the server]");
  command->add_option("--wait", options->wait_seconds, "until it is ready, at most seconds [0]")
      ->type_name("S")
      ->check(Within(0.0, 86400.0));
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "Exit status: 0 ready, 1 it answers and is not ready, 3 it cannot be reached.\n\n"
      "Example: actium health --wait 60");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
