#include "server/rpc/http_server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "server/rpc/address.h"
#include "server/rpc/bounded_workers.h"

namespace actium::rpc {
namespace {

constexpr size_t kThreads = 4;
// Accepted connections that wait for a thread. Those after them wait in the kernel, whose own queue
// is short, so that what comes in too large a number is refused there.
constexpr size_t kMostWaiting = 64;
constexpr std::chrono::seconds kTimeout{5};
constexpr std::chrono::seconds kKeepAlive{1};  // The end waits for it.
constexpr size_t kLongestBody = 4096;          // Nobody has to send any.

// The library's own has no bound.
class Connections final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> serve) override { workers_.Add(std::move(serve)); }
  void shutdown() override { workers_.Finish(); }

 private:
  BoundedWorkers workers_{kThreads, kMostWaiting};
};

}  // namespace

struct HttpServer::Impl {
  explicit Impl(Paths from) : paths(std::move(from)) {
    server.new_task_queue = [] { return new Connections(); };
    server.set_read_timeout(kTimeout);
    server.set_write_timeout(kTimeout);
    server.set_keep_alive_timeout(kKeepAlive.count());
    // The library's own choice would let two servers share a port.
    server.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server.set_payload_max_length(kLongestBody);
    // Not its table of paths, whose keys are regular expressions.
    server.Get(".*", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request.path, response);
    });
  }

  void Answer(const std::string& path, httplib::Response& response) const {
    const auto found = paths.find(path);
    const HttpAnswer answer =
        found == paths.end() ? HttpAnswer{.status = 404, .body = "not found\n"} : found->second();
    response.status = answer.status;
    response.set_content(answer.body, answer.content_type);
  }

  const Paths paths;
  httplib::Server server;
  std::string address;
  std::atomic<bool> ended = false;
  std::thread listener;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(const std::string& host, int port,
                                                               Paths paths) {
  auto impl = std::make_unique<Impl>(std::move(paths));
  const bool bound = port == 0 ? (port = impl->server.bind_to_any_port(host)) > 0
                               : impl->server.bind_to_port(host, port);
  if (!bound) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {} for HTTP; is the port taken?", Address(host, port)));
  }
  impl->address = Address(host, port);
  impl->listener = std::thread([impl = impl.get()] {
    impl->server.listen_after_bind();
    impl->ended = true;
  });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  // stop() does nothing before the listener runs.
  while (!impl_->server.is_running() && !impl_->ended) std::this_thread::yield();
  impl_->server.stop();
  impl_->listener.join();
}

const std::string& HttpServer::address() const { return impl_->address; }

}  // namespace actium::rpc
