#ifndef ACTIUM_SERVER_RPC_SERVER_H_
#define ACTIUM_SERVER_RPC_SERVER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// Where and how to listen.
struct ListenOptions {
  std::string host;               ///< A name or address; IPv6 without brackets.
  int port = 0;                   ///< 0: a free one.
  int64_t max_message_bytes = 0;  ///< Of a request, [1, 2^31 - 1]. Compressed ones are refused.
  /// What gRPC may hold of messages that are being received and sent, besides two of the largest.
  int64_t max_buffered_bytes = int64_t{64} << 20;

  /// PEM texts. With root_certificates clients must show a certificate signed by one of them.
  struct Tls {
    std::string certificate;
    std::string key;
    std::string root_certificates;  ///< May be empty.
  };
  std::optional<Tls> tls;  ///< Unset: plain text.
};

/// The gRPC server with all its services: inference, introspection, health and reflection.
class Server {
 public:
  /// Starts to listen and to answer; health says NOT_SERVING. parts: everything in it outlives the
  /// server.
  ///
  /// Errors: UNAVAILABLE if the address cannot be listened on, INVALID_ARGUMENT for keys that
  /// cannot be used.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(const ListenOptions& options,
                                                        ServiceParts parts);
  /// Stops at once.
  ~Server();

  /// "host:port" with the port that was taken.
  const std::string& address() const;

  /// Tells the health protocol whether requests are welcome.
  void SetServing(bool serving);

  /// Drains: says NOT_SERVING and refuses new inference requests with UNAVAILABLE, waits for those
  /// in flight and then, for two seconds at most, until no more come; then closes. Cancels what is
  /// left after `grace`.
  ///
  /// Returns the inference requests that were cut off; 0 is a clean end. Call once.
  int64_t Drain(std::chrono::nanoseconds grace);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_SERVER_H_
