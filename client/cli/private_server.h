#ifndef ACTIUM_CLIENT_CLI_PRIVATE_SERVER_H_
#define ACTIUM_CLIENT_CLI_PRIVATE_SERVER_H_

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/child_process.h"

namespace actium::cli {

/// An actium-server on a free port of this machine's loopback, for as long as this object lives.
/// Used by one thread at a time.
class PrivateServer {
 public:
  struct Options {
    std::filesystem::path program;  ///< The server's executable.
    std::vector<std::string>
        arguments;  ///< Besides address, port and port file, which are chosen here.
    /// How long start-up and loading may take together.
    std::chrono::milliseconds ready_timeout = std::chrono::minutes(2);
  };

  /// Starts a server and waits until it says that it is ready. Its port file and its log lie in a
  /// folder of their own, which is removed with this object.
  ///
  /// Errors: NOT_FOUND if the program is not there, UNAVAILABLE if it ends or is not ready in time;
  /// the message ends with the last lines of its log.
  static absl::StatusOr<std::unique_ptr<PrivateServer>> Start(const Options& options);

  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  /// Kills the server if it still runs.
  ~PrivateServer();

  /// Where it listens, as "127.0.0.1:40123".
  const std::string& address() const { return address_; }
  ChildProcess& process() { return *process_; }

  /// Everything that the server has written so far.
  std::string Log() const;

  /// Asks the server to end (SIGTERM) and waits. Returns its exit status; after `timeout` the
  /// server is killed and nothing is returned.
  std::optional<int> Terminate(std::chrono::milliseconds timeout = std::chrono::seconds(40));

 private:
  explicit PrivateServer(std::filesystem::path folder) : folder_(std::move(folder)) {}
  absl::Status WaitForAddress(std::chrono::steady_clock::time_point until);
  absl::Status WaitUntilReady(std::chrono::steady_clock::time_point until);
  absl::Status Failed(std::string_view what) const;

  std::filesystem::path folder_;
  std::string address_;
  std::optional<ChildProcess> process_;
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_PRIVATE_SERVER_H_
