#ifndef ACTIUM_CLIENT_OPTIONS_H_
#define ACTIUM_CLIENT_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace actium::client {

/// How a connection is encrypted. All certificates and keys are PEM text, not file names.
struct TlsOptions {
  std::string root_certificates{};  ///< Authorities to trust; empty: those of the system.
  std::string certificate_chain{};  ///< The client's own certificate; empty: none is shown.
  std::string private_key{};        ///< Its key; set if and only if certificate_chain is.
  std::string
      server_name;  ///< Name the server's certificate must have; empty: that of the address.
};

/// When a call that ended with UNAVAILABLE is made again. Other errors are never retried.
///
/// Attempt n (the first is 1) is followed by a wait chosen evenly from [d/2, d], where
/// d = min(max_backoff, initial_backoff * multiplier^(n-1)). A server overrides that with the
/// trailer `grpc-retry-pushback-ms`: a number >= 0 is the wait, anything else forbids a retry.
/// There is no retry whose wait would reach the call's deadline.
///
/// A budget, shared by all calls of a Client, keeps clients from multiplying a server's overload:
/// it holds up to budget_capacity tokens and starts full; a retry takes one, a successful call
/// returns budget_per_success. Without a whole token there is no retry.
struct RetryOptions {
  int max_attempts = 4;  ///< The first call included; >= 1. 1 means no retries.
  std::chrono::milliseconds initial_backoff{50};  ///< > 0.
  std::chrono::milliseconds max_backoff{2000};    ///< >= initial_backoff.
  double multiplier = 2.0;                        ///< >= 1.
  double budget_capacity = 10.0;                  ///< >= 0.
  double budget_per_success = 0.1;                ///< In [0, 1].
};

/// What a Client is made of.
struct ClientOptions {
  std::string address =
      "localhost:8001";  ///< Anything that gRPC resolves: host:port, unix:path, dns:///name.
  std::optional<TlsOptions> tls{};  ///< Unset: plain text.
  RetryOptions retry{};
  std::chrono::milliseconds timeout{30000};  ///< Of a call with all its attempts; > 0.
  int64_t max_message_bytes = int64_t{256}
                              << 20;  ///< Of a request and of an answer; in [1, 2^31 - 1].
  /// Sent with every call, as {"authorization", "Bearer ..."}; names are lower-case.
  std::vector<std::pair<std::string, std::string>> metadata{};
};

/// What may differ from call to call.
struct CallOptions {
  std::optional<std::chrono::milliseconds> timeout{};  ///< Unset: the client's. > 0.
  bool retry = true;                                   ///< False: one attempt only.
};

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_OPTIONS_H_
