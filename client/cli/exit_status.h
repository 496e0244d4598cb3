#ifndef ACTIUM_CLIENT_CLI_EXIT_STATUS_H_
#define ACTIUM_CLIENT_CLI_EXIT_STATUS_H_

#include <string>

#include "absl/status/status.h"

namespace actium::cli {

/// How the program `actium` ends; an interface for scripts.
enum class ExitStatus : int {
  kOk = 0,
  kCheckFailed = 1,  ///< The command ran, and what it checks is not so (not ready, failed requests,
                     ///< a condition of --fail-if holds).
  kBadArguments = 2,  ///< Also a request that the server calls wrong.
  kUnavailable = 3,  ///< The server or the model cannot be reached, does not exist or is not ready.
  kUndecided = 4,  ///< What was measured does not decide a condition of --fail-if; no other holds.
  kBadFile = 5,    ///< A file on this machine cannot be read or is not what it should be.
  kInternal = 6,   ///< Anything else.
};

/// The text of every command's help about this.
inline constexpr const char* kExitStatusHelp =
    "Exit status: 0 done, 1 a check failed (not ready, requests failed, --fail-if holds), 2 bad\n"
    "arguments, 3 server or model unavailable, 4 --fail-if is undecided, 5 a file cannot be read\n"
    "or is damaged, 6 other errors.";

/// Returns the error with the exit status that the program is to end with, instead of the one that
/// its code stands for.
absl::Status With(ExitStatus exit, absl::Status error);

/// Returns the exit status of an error, or of success: the one attached by With(), or what its code
/// stands for.
ExitStatus ExitStatusOf(const absl::Status& status);

/// Marks an error that comes after the command's results, as that of a check: the program says it
/// on stderr only, so that --json stays one object.
absl::Status AfterResults(absl::Status error);
bool IsAfterResults(const absl::Status& error);

/// Puts "<what>: " in front of an error's message; keeps its code and exit status.
absl::Status Annotate(const absl::Status& error, const std::string& what);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_EXIT_STATUS_H_
