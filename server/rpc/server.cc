#include "server/rpc/server.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "server/rpc/address.h"
#include "server/rpc/comparison_service.h"
#include "server/rpc/health.h"
#include "server/rpc/inference_service.h"
#include "server/rpc/introspection_service.h"

namespace actium::rpc {
namespace {

// What calls other than inference get to end by themselves; they are answered at once, so only
// streams of clients that do not listen are cut off.
constexpr std::chrono::milliseconds kLastCalls{250};

// A request whose message is not all there when gRPC shuts down is not refused but cancelled, which
// no client takes for a reason to try again. So a server that stops waits until requests have
// ceased to come, for longer than a message is on its way: until balancers have noticed by their
// health checks, for which they get as long as one of a second takes. Who does not check is not
// waited for longer.
constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::seconds kLongestNotice{2};

std::shared_ptr<grpc::ServerCredentials> Credentials(const ListenOptions& options) {
  if (!options.tls.has_value()) return grpc::InsecureServerCredentials();
  const bool check_clients = !options.tls->root_certificates.empty();
  grpc::SslServerCredentialsOptions ssl(
      check_clients ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  ssl.pem_root_certs = options.tls->root_certificates;
  ssl.pem_key_cert_pairs.push_back({options.tls->key, options.tls->certificate});
  return grpc::SslServerCredentials(ssl);
}

// gRPC applies the largest message size only to a message that is whole and unpacked.
void LimitMemory(const ListenOptions& options, grpc::ServerBuilder& builder) {
  // A message of zeros shrinks to a thousandth by gzip, so a small one could fill the memory.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  // Beyond this gRPC stops to read, then closes connections.
  grpc::ResourceQuota quota("server");
  quota.Resize(static_cast<size_t>(options.max_buffered_bytes + 2 * options.max_message_bytes));
  builder.SetResourceQuota(quota);
}

// Threads that start while this lives do not interrupt a running thread when they wake. With a
// worker on every core, gRPC's threads would otherwise stop a batch for each packet, and both would
// find their caches cold. Where a core is free it makes no difference. A policy that the operator
// has chosen stays.
class PoliteThreads {
 public:
  PoliteThreads() {
    if (default_) sched_setscheduler(0, SCHED_BATCH, &kNoPriority);
  }
  PoliteThreads(const PoliteThreads&) = delete;
  PoliteThreads& operator=(const PoliteThreads&) = delete;
  ~PoliteThreads() {
    if (default_) sched_setscheduler(0, SCHED_OTHER, &kNoPriority);
  }

 private:
  static constexpr sched_param kNoPriority{};
  const bool default_ = sched_getscheduler(0) == SCHED_OTHER;
};

}  // namespace

struct Server::Impl {
  explicit Impl(ServiceParts parts)
      : in_flight(parts.in_flight),
        inference(parts),
        introspection(parts),
        comparison(parts),
        health({::inference::GRPCInferenceService::service_full_name(),
                v1::IntrospectionService::service_full_name(),
                v1::ComparisonService::service_full_name()},
               parts.readiness) {}

  InFlight& in_flight;
  InferenceService inference;
  IntrospectionService introspection;
  ComparisonService comparison;
  HealthService health;
  std::string address;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(const ListenOptions& options,
                                                       ServiceParts parts) {
  const PoliteThreads polite;
  // Protobuf writes a line of its own to standard error for each message that it cannot parse, so
  // that clients could fill the log; they are told in the answer.
  google::protobuf::SetLogHandler(nullptr);
  // Takes effect for builders made after it; doing it again changes nothing.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto impl = std::make_unique<Impl>(std::move(parts));
  const std::string address = Address(options.host, options.port);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, Credentials(options), &port);
  // With SO_REUSEPORT a second server on the same port would start and take half of the requests.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  LimitMemory(options, builder);
  builder.RegisterService(&impl->inference);
  builder.RegisterService(&impl->introspection);
  builder.RegisterService(&impl->comparison);
  builder.RegisterService(&impl->health);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || port == 0) {
    return absl::UnavailableError(fmt::format(
        "cannot listen on {}: the port is taken, the address is not this machine's{}", address,
        options.tls.has_value() ? ", or the TLS key and certificate do not fit" : ""));
  }
  impl->address = Address(options.host, port);
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->in_flight.Close();
  impl_->health.Stop();
  impl_->server->Shutdown(std::chrono::system_clock::now());
  impl_->server->Wait();
}

const std::string& Server::address() const { return impl_->address; }

void Server::SetServing(bool serving) { impl_->health.SetServing(serving); }

int64_t Server::Drain(std::chrono::nanoseconds grace) {
  impl_->in_flight.Close();
  impl_->health.Stop();
  const base::TimePoint give_up_at = base::SteadyClock().Now() + grace;
  const int64_t cut_off = impl_->in_flight.WaitUntilIdle(give_up_at);
  impl_->in_flight.WaitUntilQuiet(kQuiet,
                                  std::min(give_up_at, base::SteadyClock().Now() + kLongestNotice));
  impl_->server->Shutdown(std::chrono::system_clock::now() + kLastCalls);
  return cut_off;
}

}  // namespace actium::rpc
