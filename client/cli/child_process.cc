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
[[noreturn]] void Become(char* const* arguments, int out, int err, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotStart);  // The parent ended before prctl.
  if (out >= 0) dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(kCannotStart);
}

// A file descriptor that is closed with this object; -1 is none.
class File {
 public:
  static absl::StatusOr<File> Append(const std::filesystem::path& path) {
    File file;
    if (path.empty()) return file;
    file.descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file.descriptor_ >= 0) return file;
    return absl::NotFoundError(
        fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }

  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int descriptor() const { return descriptor_; }

 private:
  File() = default;
  int descriptor_ = -1;
};

int ExitStatus(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const std::vector<std::string>& arguments,
                                                 const Output& output) {
  if (access(arguments.front().c_str(), X_OK) != 0) {
    return absl::NotFoundError(
        fmt::format("cannot run {}: {}", arguments.front(), std::strerror(errno)));
  }
  const auto out = File::Append(output.out);
  if (!out.ok()) return out.status();
  const auto err = File::Append(output.err);
  if (!err.ok()) return err.status();
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), out->descriptor(), err->descriptor(), parent);
  if (pid < 0) {
    return absl::ResourceExhaustedError(
        fmt::format("cannot start {}: {}", arguments.front(), std::strerror(errno)));
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
