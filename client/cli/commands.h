#ifndef ACTIUM_CLIENT_CLI_COMMANDS_H_
#define ACTIUM_CLIENT_CLI_COMMANDS_H_

#include <CLI/App.hpp>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/cli/session.h"

namespace actium::cli {

/// Does what a parsed command line asks for. Prints results to stdout; errors are returned, and
/// printed by main().
using Command = std::function<absl::Status(Session&)>;

/// Each adds one subcommand with its options to the program; parsing it sets `chosen`.
void AddModels(CLI::App& program, Session& session, Command& chosen);
void AddPredict(CLI::App& program, Session& session, Command& chosen);
void AddBench(CLI::App& program, Session& session, Command& chosen);
void AddDemo(CLI::App& program, Session& session, Command& chosen);
void AddCompare(CLI::App& program, Session& session, Command& chosen);
void AddOutputs(CLI::App& program, Session& session, Command& chosen);
void AddExplain(CLI::App& program, Session& session, Command& chosen);
void AddHealth(CLI::App& program, Session& session, Command& chosen);
void AddActivations(CLI::App& program, Session& session, Command& chosen);
void AddInitConfig(CLI::App& program, Session& session, Command& chosen);
void AddCompletion(CLI::App& program, Session& session, Command& chosen);

/// Accepts numbers in [lowest, highest]. Unlike CLI::Range it adds nothing to the help, whose texts
/// say the range themselves.
template <class T>
CLI::Validator Within(T lowest, T highest) {
  return CLI::Validator(CLI::Range(lowest, highest)).description("");
}

/// Adds the options that are the same everywhere: --json, and with `server` those of the
/// connection.
void AddSharedOptions(CLI::App& command, Session& session, bool server);

/// Returns the whole program, as main() parses it and completion() reads it.
std::unique_ptr<CLI::App> MakeProgram(Session& session, Command& chosen);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMMANDS_H_
