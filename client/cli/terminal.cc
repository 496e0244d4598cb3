#include "client/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace actium::cli {

std::optional<std::string> ReadEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

ColorMode ChooseColorMode(bool to_terminal, const Environment& environment) {
  if (!to_terminal || !environment("NO_COLOR").value_or("").empty()) return ColorMode::kNone;
  const std::string term = environment("TERM").value_or("dumb");
  if (term == "dumb" || term.empty()) return ColorMode::kNone;
  const std::string color = environment("COLORTERM").value_or("");
  if (color == "truecolor" || color == "24bit") return ColorMode::kTrueColor;
  return term.find("256color") != std::string::npos ? ColorMode::kPalette : ColorMode::kNone;
}

ColorMode StdoutColorMode() { return ChooseColorMode(IsTerminal(STDOUT_FILENO), ReadEnvironment); }

bool IsTerminal(int descriptor) { return isatty(descriptor) == 1; }

int TerminalColumns(int descriptor) {
  constexpr int kDefault = 80;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefault;
  return size.ws_col;
}

size_t DisplayWidth(std::string_view text) {
  // All bytes but the second to last of a code point.
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return result;
}

}  // namespace actium::cli
