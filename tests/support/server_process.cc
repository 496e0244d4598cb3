#include "tests/support/server_process.h"

#include <filesystem>

#include "tests/support/carried.h"

namespace actium::test {

absl::StatusOr<std::unique_ptr<ServerProcess>> StartServer(
    const std::string& program, const std::vector<std::string>& arguments) {
  const std::filesystem::path build = CarriedOr(ACTIUM_BINARY_DIR);
  std::filesystem::path path = build / "bin" / program;
  if (!std::filesystem::exists(path)) path = build / "tests" / program;
  return ServerProcess::Start({.program = path, .arguments = arguments});
}

}  // namespace actium::test
