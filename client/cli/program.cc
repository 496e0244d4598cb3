#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/exit_status.h"

namespace actium::cli {

void AddSharedOptions(CLI::App& command, Session& session, bool server) {
  command.add_flag("--json", session.json, "print one JSON object instead of tables");
  if (!server) return;
  const auto connection = [](auto* option) { option->group("Connection"); };
  connection(
      command
          .add_option("--server", session.server, "gRPC address [localhost:8001, $ACTIUM_SERVER]")
          ->type_name("ADDR"));
  connection(
      command
          .add_option("--timeout", session.timeout_seconds, "of one call, seconds, (0, 86400] [30]")
          ->type_name("S")
          ->check(Within(0.001, 86400.0)));
  connection(command.add_flag("--tls", session.tls, "encrypt, trusting the system's authorities"));
  connection(command.add_option("--tls-ca", session.tls_ca, "authorities to trust, PEM file")
                 ->type_name("FILE"));
  connection(command.add_option("--tls-cert", session.tls_certificate, "own certificate, PEM file")
                 ->type_name("FILE"));
  connection(command.add_option("--tls-key", session.tls_key, "own certificate's key, PEM file")
                 ->type_name("FILE"));
}

std::unique_ptr<CLI::App> MakeProgram(Session& session, Command& chosen) {
  auto program = std::make_unique<CLI::App>(
      "Talks to an inference server: lists models, classifies images, measures, compares.",
      "actium");
  program->set_version_flag("--version", ACTIUM_VERSION);
  // At most one; main() misses it if there is none, which leaves CLI11 to name a wrong word.
  program->require_subcommand(0, 1);
  program->get_formatter()->column_width(32);
  program->get_formatter()->label("REQUIRED", "(required)");
  program->footer(std::string(kExitStatusHelp) +
                  "\n\nExamples:\n  actium models\n  actium --local models/repository predict mish "
                  "shirt.png");
  AddSharedOptions(*program, session, /*server=*/true);
  program
      ->add_option("--local", session.local_repository,
                   "start a server on this model repository for the one command")
      ->type_name("DIR")
      ->check(CLI::Validator(CLI::ExistingDirectory).description(""));
  AddModels(*program, session, chosen);
  AddPredict(*program, session, chosen);
  AddBench(*program, session, chosen);
  AddDemo(*program, session, chosen);
  AddCompare(*program, session, chosen);
  AddOutputs(*program, session, chosen);
  AddExplain(*program, session, chosen);
  AddHealth(*program, session, chosen);
  AddActivations(*program, session, chosen);
  AddInitConfig(*program, session, chosen);
  AddCompletion(*program, session, chosen);
  for (CLI::App* command : program->get_subcommands([](const CLI::App*) { return true; })) {
    // "MODEL", not "MODEL TEXT".
    for (CLI::Option* option : command->get_options()) {
      if (option->get_positional()) option->type_name("");
    }
  }
  return program;
}

}  // namespace actium::cli
