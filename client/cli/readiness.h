#ifndef ACTIUM_CLIENT_CLI_READINESS_H_
#define ACTIUM_CLIENT_CLI_READINESS_H_

#include <string>

#include "absl/status/status.h"
#include "actium/client.h"

namespace actium::cli {

/// Asks whether the server, or a model of it, is ready, again and again for `wait_seconds` (0:
/// once).
///
/// Errors: FAILED_PRECONDITION, with the exit status of a failed check, if it answers and is not
/// ready; otherwise the last call's error.
absl::Status WaitUntilReady(client::Client& server, const std::string& model, double wait_seconds);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_READINESS_H_
