#ifndef ACTIUM_SERVER_RPC_HTTP_SERVER_H_
#define ACTIUM_SERVER_RPC_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace actium::rpc {

/// What an HTTP path answers.
struct HttpAnswer {
  int status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
};

/// Answers GET on a few paths of one port: for probes and scrapers, which come seldom. Anything
/// else is answered with 404. Few threads, a bounded number of connections, short timeouts, no
/// request body.
class HttpServer {
 public:
  /// By path, as "/healthz". Called on several threads.
  using Paths = std::map<std::string, std::function<HttpAnswer()>>;

  /// Starts to listen and to answer. port: 0 takes a free one. What the paths use outlives the
  /// server. Errors: UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(const std::string& host, int port,
                                                            Paths paths);
  /// Stops; waits for answers on their way.
  ~HttpServer();

  /// "host:port" with the port that was taken.
  const std::string& address() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_HTTP_SERVER_H_
