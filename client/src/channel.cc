#include "client/src/channel.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include "client/src/retry.h"

namespace actium::client {
namespace {

absl::Status Validate(const ClientOptions& options) {
  if (options.address.empty()) return absl::InvalidArgumentError("address must not be empty");
  if (options.timeout.count() <= 0) {
    return absl::InvalidArgumentError(fmt::format("timeout must be > 0, got {}", options.timeout));
  }
  constexpr int64_t kMostBytes = std::numeric_limits<int>::max();
  if (options.max_message_bytes < 1 || options.max_message_bytes > kMostBytes) {
    return absl::InvalidArgumentError(fmt::format("max_message_bytes must be in [1, {}], got {}",
                                                  kMostBytes, options.max_message_bytes));
  }
  for (const auto& [name, value] : options.metadata) {
    // gRPC ends the process on names that HTTP/2 does not allow.
    const bool valid = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::islower(c) || std::isdigit(c) || c == '-' || c == '_' || c == '.';
    });
    if (!valid) {
      return absl::InvalidArgumentError(fmt::format(
          "metadata name must be lower-case letters, digits, '-', '_' or '.', got '{}'", name));
    }
  }
  if (options.tls && options.tls->certificate_chain.empty() != options.tls->private_key.empty()) {
    return absl::InvalidArgumentError(
        "tls.certificate_chain and tls.private_key must be given together");
  }
  return client::Validate(options.retry);
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const std::optional<TlsOptions>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls->root_certificates;
  options.pem_cert_chain = tls->certificate_chain;
  options.pem_private_key = tls->private_key;
  return grpc::SslCredentials(options);
}

// Of an address as gRPC takes it, host:port.
bool IsThisMachine(const std::string& address) {
  return address.starts_with("localhost:") || address.starts_with("127.") ||
         address.starts_with("[::1]:");
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ClientOptions& options) {
  if (absl::Status status = Validate(options); !status.ok()) return status;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  arguments.SetMaxSendMessageSize(static_cast<int>(options.max_message_bytes));
  // Clients of one process share no connection, so that each is what it seems.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Retries are ours: a second layer below would not know the budget.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // gRPC's own pause after a failed connection starts at a second, longer than our backoff.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // A proxy that the environment names would look for it on its own machine.
  if (IsThisMachine(options.address)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (options.tls && !options.tls->server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls->server_name);
  }
  return grpc::CreateCustomChannel(options.address, Credentials(options.tls), arguments);
}

}  // namespace actium::client
