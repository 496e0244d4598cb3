#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/layout/source_tree.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using ::testing::ContainsRegex;

// The first block of README.md in this language; empty if there is none.
std::string FirstBlock(const std::string& language) {
  std::string block;
  bool inside = false;
  for (const std::string& line : ReadSourceFile("README.md").lines) {
    if (inside && line == "```") return block;
    if (inside) block += line + "\n";
    if (line == "```" + language) inside = true;
  }
  return "";
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "no " << from << " in\n" << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

struct Output {
  int status = -1;
  std::string text;
};

Output RunPython(const std::string& program) {
  std::string folder = (std::filesystem::temp_directory_path() / "actium-readme-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return {.status = -1, .text = "no temporary folder"};
  const std::string file = folder + "/block.py";
  std::ofstream(file) << program;
  Output output;
  FILE* const pipe = popen((std::string(ACTIUM_TEST_PYTHON) + " " + file + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.text.append(buffer.data(), count);
  }
  output.status = WEXITSTATUS(pclose(pipe));
  std::filesystem::remove_all(folder);
  return output;
}

// What README.md tells its readers to type, typed. The first test image is an ankle boot.
TEST(ReadmeTest, TheFirstRequestFindsTheFirstImagesClass) {
  const auto server =
      StartServer("actium-server",
                  {"--model-repository", std::string(ACTIUM_SOURCE_DIR) + "/models/repository"});
  ASSERT_THAT(server, IsOk());
  const Output output =
      RunPython(Replace(FirstBlock("python"), "localhost:8001", (*server)->address()));
  EXPECT_EQ(output.status, 0) << output.text;
  EXPECT_THAT(output.text, ContainsRegex(R"(\[\[b'[0-9.]+:9:Ankle boot')"));
}

}  // namespace
}  // namespace actium::test
