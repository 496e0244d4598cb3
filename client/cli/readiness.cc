#include "client/cli/readiness.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "client/cli/exit_status.h"

namespace actium::cli {
namespace {

absl::Status CheckReady(client::Client& server, const std::string& model) {
  const client::CallOptions once{.timeout = std::chrono::seconds(5), .retry = false};
  const auto ready = model.empty() ? server.ServerReady(once) : server.ModelReady(model, "", once);
  if (!ready.ok()) return Annotate(ready.status(), "server " + server.address());
  if (*ready) return absl::OkStatus();
  return With(ExitStatus::kCheckFailed,
              absl::FailedPreconditionError(
                  model.empty() ? fmt::format("server {} is not ready", server.address())
                                : fmt::format("model '{}' is not ready", model)));
}

}  // namespace

absl::Status WaitUntilReady(client::Client& server, const std::string& model, double wait_seconds) {
  constexpr auto kInterval = std::chrono::milliseconds(100);
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(wait_seconds);
  while (true) {
    absl::Status status = CheckReady(server, model);
    if (status.ok() || std::chrono::steady_clock::now() + kInterval > until) return status;
    std::this_thread::sleep_for(kInterval);
  }
}

}  // namespace actium::cli
