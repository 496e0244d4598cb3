#ifndef ACTIUM_TESTS_SUPPORT_SERVER_PROCESS_H_
#define ACTIUM_TESTS_SUPPORT_SERVER_PROCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/private_server.h"

namespace actium::test {

/// A real server process on a free port; killed when this object is destroyed. See PrivateServer
/// for its address(), Log(), Terminate() and process().
using ServerProcess = cli::PrivateServer;

/// Starts a server that this build made and waits until it is ready.
///
/// program: "actium-server" or "actium-fake-server", in <build>/bin or <build>/tests.
/// arguments: such as {"--model-repository", folder}; address, port and port file are chosen here.
/// Errors: as PrivateServer::Start(); UNAVAILABLE carries the server's last log lines.
absl::StatusOr<std::unique_ptr<ServerProcess>> StartServer(
    const std::string& program, const std::vector<std::string>& arguments);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_SERVER_PROCESS_H_
