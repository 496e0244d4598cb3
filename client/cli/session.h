#ifndef ACTIUM_CLIENT_CLI_SESSION_H_
#define ACTIUM_CLIENT_CLI_SESSION_H_

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/private_server.h"

namespace actium::cli {

/// JSON whose fields stay in the order in which they are written.
using Json = nlohmann::ordered_json;

/// What the options that all commands share say, and the connection that follows from them.
class Session {
 public:
  /// Sets `server` from $ACTIUM_SERVER, or to localhost:8001.
  Session();

  std::string server;
  std::string local_repository;  ///< Not empty: start a server on this folder for the command.
  bool json = false;
  double timeout_seconds = 30;  ///< Of one call; > 0.
  bool tls = false;
  std::string tls_ca;  ///< File names; empty: not given. Any of them turns TLS on.
  std::string tls_certificate;
  std::string tls_key;

  /// Returns the connection, after starting the private server if one is asked for.
  ///
  /// Errors: NOT_FOUND (a certificate file, or no actium-server to start), UNAVAILABLE (the private
  /// server did not start), INVALID_ARGUMENT.
  absl::StatusOr<client::Client*> Connect();

 private:
  absl::StatusOr<std::optional<client::TlsOptions>> ReadTls() const;

  std::unique_ptr<PrivateServer> private_server_;
  std::unique_ptr<client::Client> client_;
};

/// Returns the path of another of our programs: in the folder of the running one.
std::filesystem::path BesideThisProgram(const std::string& name);

/// Writes one JSON value and a line break to stdout; text that is no UTF-8 is repaired.
void PrintJson(const Json& value);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_SESSION_H_
