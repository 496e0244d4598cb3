#ifndef ACTIUM_SERVER_RUNNING_SERVER_H_
#define ACTIUM_SERVER_RUNNING_SERVER_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"
#include "server/find_gpu.h"
#include "server/options/options.h"

namespace actium {

/// All parts of a server, put together and listening. For the process, and for tests that want the
/// whole server inside their own.
class RunningServer {
 public:
  /// Builds the parts in order and listens on all ports; ServerLive answers from now on,
  /// ServerReady is false. Writes options.port_file.
  ///
  /// loader, and gpu's accelerator: outlive the server.
  /// Errors: NOT_FOUND (a repository is no folder, a TLS file is missing), UNAVAILABLE (the address
  /// cannot be listened on), PERMISSION_DENIED (the port file cannot be written).
  static absl::StatusOr<std::unique_ptr<RunningServer>> Start(const options::Options& options,
                                                              engine::ModelLoader& loader,
                                                              const Gpu& gpu);
  /// Stops at once.
  ~RunningServer();

  /// "host:port" that it listens on.
  const std::string& address() const;

  /// "host:port" where HTTP answers for health, and where for metrics; empty: nowhere.
  std::string http_address() const;
  std::string metrics_address() const;

  /// Inference requests accepted and not yet answered.
  int64_t in_flight() const;

  /// Loads all models and waits for it; afterwards the server is ready. Broken models are logged.
  /// Call once. Errors: NOT_FOUND if a repository is no folder.
  absl::Status LoadModels();

  /// Refuses new requests, waits `grace` for those in flight, and closes. Returns how many were cut
  /// off. Call once; may run beside LoadModels(), which then begins no further model.
  int64_t Drain(std::chrono::nanoseconds grace);

 private:
  struct Parts;
  explicit RunningServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace actium

#endif  // ACTIUM_SERVER_RUNNING_SERVER_H_
