#ifndef ACTIUM_SERVER_OPTIONS_FLAGS_H_
#define ACTIUM_SERVER_OPTIONS_FLAGS_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/options/options.h"

namespace actium::options {

/// How the server's process ends; part of its interface.
inline constexpr int kExitOk = 0;         ///< Stopped by a signal with nothing cut off; --help.
inline constexpr int kExitStart = 1;      ///< Could not start: address taken, no such folder, …
inline constexpr int kExitArguments = 2;  ///< Bad flags, variables or file of options.
inline constexpr int kExitCutOff = 3;     ///< Stopped, but requests were cut off.

/// What to print and how to end, instead of serving.
struct Exit {
  int status = kExitOk;
  std::string text;  ///< For standard output if status is kExitOk, otherwise for standard error.
};

/// A command line, read: options, and, if set, that there is nothing to do but to end.
struct CommandLine {
  Options options;
  std::optional<Exit> exit;
};

/// Reads the options from the arguments, then what they leave open from the TOML file that --config
/// names, then from the environment (ACTIUM_GRPC_PORT and so on), and checks them.
CommandLine ParseCommandLine(int argc, const char* const* argv);

/// The server's version, as "0.1.0".
std::string_view Version();

}  // namespace actium::options

#endif  // ACTIUM_SERVER_OPTIONS_FLAGS_H_
