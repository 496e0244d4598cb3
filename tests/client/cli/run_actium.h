#ifndef ACTIUM_TESTS_CLIENT_CLI_RUN_ACTIUM_H_
#define ACTIUM_TESTS_CLIENT_CLI_RUN_ACTIUM_H_

#include <filesystem>
#include <string>
#include <vector>

namespace actium::test {

/// A folder that is removed with this object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file into it and returns its path.
  std::string Write(const std::string& name, const std::string& contents) const;

 private:
  std::filesystem::path path_;
};

/// How a program ended and what it wrote.
struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs a program to its end; its stdout and stderr are no terminals.
Outcome RunProgram(const std::vector<std::string>& arguments);

/// Runs the `actium` of this build with these arguments.
Outcome RunActium(std::vector<std::string> arguments);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_CLIENT_CLI_RUN_ACTIUM_H_
