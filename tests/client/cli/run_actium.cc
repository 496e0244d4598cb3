#include "tests/client/cli/run_actium.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "client/cli/child_process.h"

namespace actium::test {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "actium-test-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  path_ = path;
}

ScratchFolder::~ScratchFolder() { std::filesystem::remove_all(path_); }

std::string ScratchFolder::Write(const std::string& name, const std::string& contents) const {
  std::ofstream(path_ / name, std::ios::binary) << contents;
  return (path_ / name).string();
}

Outcome RunProgram(const std::vector<std::string>& arguments) {
  const ScratchFolder folder;
  const auto out = folder.path() / "out";
  const auto err = folder.path() / "err";
  auto process = cli::ChildProcess::Start(arguments, {.out = out, .err = err});
  if (!process.ok()) {
    ADD_FAILURE() << process.status();
    return {};
  }
  const auto status = process->WaitFor(std::chrono::minutes(2));
  EXPECT_TRUE(status) << "did not end: " << arguments.front();
  return {.status = status.value_or(-1), .out = ReadAll(out), .err = ReadAll(err)};
}

Outcome RunActium(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ACTIUM_BINARY_DIR "/bin/actium");
  return RunProgram(arguments);
}

}  // namespace actium::test
