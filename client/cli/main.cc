#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <string>

#include "absl/synchronization/mutex.h"
#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

void Report(const absl::Status& error, const Session& session) {
  const std::string message(error.message());
  fmt::print(stderr, "actium: {}\n", message);
  if (session.json && !IsAfterResults(error)) {
    PrintJson(
        {{"error", {{"code", absl::StatusCodeToString(error.code())}, {"message", message}}}});
  }
}

int Main(int argc, char** argv) {
  // A reader that goes away, as `head`, ends us by a failed write and not silently by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  // As in server/serve.cc.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Session session;
  Command chosen;
  const auto program = MakeProgram(session, chosen);
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11's own exit codes start at 100; asking for help is none of its errors.
    return program->exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::kBadArguments);
  }
  if (chosen == nullptr) {
    Report(absl::InvalidArgumentError("a subcommand is required; see actium --help"), session);
    return static_cast<int>(ExitStatus::kBadArguments);
  }
  const absl::Status status = chosen(session);
  if (!status.ok()) Report(status, session);
  return static_cast<int>(ExitStatusOf(status));
}

}  // namespace
}  // namespace actium::cli

int main(int argc, char** argv) { return actium::cli::Main(argc, argv); }
