// actium-activation-docs: writes docs/activations.md and docs/activations.svg.

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "server/activation/docs.h"

namespace {

constexpr std::string_view kUsage =
    "Writes activations.md and activations.svg from the table of activations.\n"
    "Usage: actium-activation-docs FOLDER\n\n"
    "Exit status: 0 written, 1 a file could not be written, 2 bad arguments.\n\n"
    "Example: actium-activation-docs docs\n";

bool Write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (stream) return true;
  fmt::print(stderr, "actium-activation-docs: cannot write {}\n", file.string());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view argument = argc == 2 ? argv[1] : "";
  if (argument == "--help" || argument == "-h") {
    fmt::print("{}", kUsage);
    return 0;
  }
  if (argument.empty() || argument.front() == '-') {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const std::filesystem::path folder(argument);
  const bool page = Write(folder / "activations.md", actium::activation::RenderPage());
  const bool charts = Write(folder / "activations.svg", actium::activation::RenderCharts());
  return page && charts ? 0 : 1;
}
