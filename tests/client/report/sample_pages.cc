// Writes the sample pages into a folder, for browser.py: actium-sample-reports DIR
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/client/report/sample_reports.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: actium-sample-reports DIR\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& [name, html] : actium::test::SamplePages()) {
    std::ofstream file(folder / name, std::ios::binary);
    if (!(file << html).flush()) return 1;
  }
  return 0;
}
