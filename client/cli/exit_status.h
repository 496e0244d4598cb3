#ifndef ACTIUM_CLIENT_CLI_EXIT_STATUS_H_
#define ACTIUM_CLIENT_CLI_EXIT_STATUS_H_

#include <string>

#include "absl/status/status.h"

namespace actium::cli {

/// How the program `actium` ends; an interface for scripts. 4 is kept for "undecided".
enum class ExitStatus : int {
  kOk = 0,
  kCheckFailed =
      1,  ///< The command ran, and what it checks does not hold (not ready, failed requests).
  kBadArguments = 2,  ///< Also a request that the server calls wrong.
  kUnavailable = 3,  ///< The server or the model cannot be reached, does not exist or is not ready.
  kBadFile = 5,      ///< A file on this machine cannot be read or is not what it should be.
  kInternal = 6,     ///< Anything else.
};

/// The text of every command's help about this.
inline constexpr const char* kExitStatusHelp =
    "Exit status: 0 done, 1 a check failed (not ready, requests failed), 2 bad arguments,\n"
    "3 server or model unavailable, 5 a file cannot be read or is damaged, 6 other errors.";

/// Returns the error with the exit status that the program is to end with, instead of the one that
/// its code stands for.
absl::Status With(ExitStatus exit, absl::Status error);

/// Returns the exit status of an error, or of success: the one attached by With(), or what its code
/// stands for.
ExitStatus ExitStatusOf(const absl::Status& status);

/// Puts "<what>: " in front of an error's message; keeps its code and exit status.
absl::Status Annotate(const absl::Status& error, const std::string& what);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_EXIT_STATUS_H_
