#include "client/cli/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace actium::cli {
namespace {

constexpr int kCannotStart = 127;  // As a shell's.

// Runs in the child between fork and exec, where only async-signal-safe calls are allowed: the
// parent may have threads.
[[noreturn]] void Become(char* const* arguments, int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotStart);  // The parent ended before prctl.
  if (output >= 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
  }
  execv(arguments[0], arguments);
  _exit(kCannotStart);
}

int ExitStatus(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                 const std::filesystem::path& output) {
  if (access(arguments.front().c_str(), X_OK) != 0) {
    return absl::NotFoundError(
        fmt::format("cannot run {}: {}", arguments.front(), std::strerror(errno)));
  }
  int output_fd = -1;
  if (!output.empty()) {
    output_fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output_fd < 0) {
      return absl::NotFoundError(
          fmt::format("cannot write {}: {}", output.string(), std::strerror(errno)));
    }
  }
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), output_fd, parent);
  const int error = errno;
  if (output_fd >= 0) close(output_fd);
  if (pid < 0) {
    return absl::ResourceExhaustedError(
        fmt::format("cannot start {}: {}", arguments.front(), std::strerror(error)));
  }
  return ChildProcess(pid, static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !status_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (pidfd_ >= 0) close(pidfd_);
}

std::optional<int> ChildProcess::WaitFor(std::chrono::milliseconds timeout) {
  if (status_ || pid_ <= 0) return status_;
  pollfd waited{.fd = pidfd_, .events = POLLIN, .revents = 0};
  poll(&waited, 1, static_cast<int>(timeout.count()));
  int wait_status = 0;
  if (waitpid(pid_, &wait_status, WNOHANG) == pid_) status_ = ExitStatus(wait_status);
  return status_;
}

void ChildProcess::Signal(int signal) {
  if (pid_ > 0 && !status_) kill(pid_, signal);
}

}  // namespace actium::cli
