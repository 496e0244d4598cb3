#ifndef ACTIUM_CLIENT_CLI_TERMINAL_H_
#define ACTIUM_CLIENT_CLI_TERMINAL_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace actium::cli {

/// What colours text may use.
enum class ColorMode {
  kNone,
  kPalette,    ///< The 256 colours of xterm.
  kTrueColor,  ///< 24 bits.
};

/// Returns the value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const char*)>;

/// The process's environment.
std::optional<std::string> ReadEnvironment(const char* name);

/// Returns the colours that may be written: none if the text goes to no terminal, if NO_COLOR is
/// set and not empty (https://no-color.org) or TERM is "dumb"; otherwise what COLORTERM and TERM
/// promise.
ColorMode ChooseColorMode(bool to_terminal, const Environment& environment);

/// The same for this process's stdout.
ColorMode StdoutColorMode();

/// True if that standard stream (1 or 2) is a terminal.
bool IsTerminal(int descriptor);

/// Columns of the terminal at that standard stream; 80 if it is none.
int TerminalColumns(int descriptor);

/// Columns that UTF-8 text takes; every code point counts as one, what is invalid as well.
size_t DisplayWidth(std::string_view text);

/// Returns text from a server or a file with control characters replaced by '?', so that it cannot
/// move the cursor or recolour the terminal.
std::string Printable(std::string_view text);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_TERMINAL_H_
