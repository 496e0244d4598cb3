#ifndef ACTIUM_CLIENT_CLI_CHILD_PROCESS_H_
#define ACTIUM_CLIENT_CLI_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// A program that runs for as long as this object lives.
///
/// Also killed by the kernel when the thread that started it ends, so that a killed parent leaves
/// nothing behind: start it on a thread that outlives it. Movable; used by one thread at a time.
class ChildProcess {
 public:
  /// Files that the program's standard streams are appended to; empty: they are this process's.
  struct Output {
    std::filesystem::path out;
    std::filesystem::path err;
  };

  /// Starts a program.
  ///
  /// arguments: the program's path (no search in PATH), then its arguments.
  /// Errors: NOT_FOUND if there is no such program or a file cannot be written, RESOURCE_EXHAUSTED
  /// if no process can be made.
  static absl::StatusOr<ChildProcess> Start(const std::vector<std::string>& arguments,
                                            const Output& output = {});

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  /// Kills the program if it still runs.
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  /// Waits until the program ends, at most `timeout`. Returns its exit status, or 128 + N if signal
  /// N ended it, like a shell; nothing if it still runs.
  std::optional<int> WaitFor(std::chrono::milliseconds timeout);

  /// Sends a signal; does nothing once the program has ended.
  void Signal(int signal);

 private:
  ChildProcess(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}

  pid_t pid_ = -1;
  int pidfd_ = -1;  // Becomes readable when the program ends.
  std::optional<int> status_;
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_CHILD_PROCESS_H_
