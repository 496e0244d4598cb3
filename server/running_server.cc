#include "server/running_server.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "server/base/clock.h"
#include "server/base/cpu_quota.h"
#include "server/base/log.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/batching/device_pools.h"
#include "server/inference/inference_core.h"
#include "server/observe/statistics.h"
#include "server/options/flags.h"
#include "server/repository/failover.h"
#include "server/repository/model_repository.h"
#include "server/rpc/health_paths.h"
#include "server/rpc/http_server.h"
#include "server/rpc/metrics_reply.h"
#include "server/rpc/server.h"

namespace actium {
namespace {

namespace fs = std::filesystem;
namespace log = base::log;

// How long a failed GPU's models may wait before they begin to move: less than it takes to load
// one. A look costs some locks.
constexpr std::chrono::milliseconds kLookAtDevices{50};

absl::Status CheckFolder(std::string_view flag, const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  return absl::NotFoundError(fmt::format("{}: no folder {}", flag, base::Quote(folder.string())));
}

absl::Status CheckFolders(const options::Options& options) {
  for (const fs::path& folder : options.model_repositories) {
    ACTIUM_RETURN_IF_ERROR(CheckFolder("--model-repository", folder));
  }
  if (options.comparison_data.empty()) return absl::OkStatus();
  return CheckFolder("--comparison-data", options.comparison_data);
}

absl::StatusOr<std::string> ReadFile(std::string_view flag, const fs::path& file) {
  if (file.empty()) return std::string();
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) {
    return absl::NotFoundError(fmt::format("{}: cannot read {}", flag, base::Quote(file.string())));
  }
  return text;
}

absl::StatusOr<rpc::ListenOptions> MakeListenOptions(const options::Options& options) {
  rpc::ListenOptions listen{.host = options.grpc_address,
                            .port = options.grpc_port,
                            .max_message_bytes = options.grpc_max_message_bytes,
                            .tls = std::nullopt};
  // What is in flight has been parsed; as much again may be on its way.
  listen.max_buffered_bytes += options.max_bytes_in_flight;
  if (!options.tls.enabled) return listen;
  rpc::ListenOptions::Tls tls;
  ACTIUM_ASSIGN_OR_RETURN(tls.certificate, ReadFile("--grpc-server-cert", options.tls.certificate));
  ACTIUM_ASSIGN_OR_RETURN(tls.key, ReadFile("--grpc-server-key", options.tls.key));
  ACTIUM_ASSIGN_OR_RETURN(tls.root_certificates,
                          ReadFile("--grpc-root-cert", options.tls.root_certificates));
  listen.tls = std::move(tls);
  return listen;
}

// Whoever waits for the file must never read half an address, so it appears by a rename.
absl::Status WritePortFile(const fs::path& file, const std::string& address) {
  if (file.empty()) return absl::OkStatus();
  const fs::path unfinished = file.string() + ".unfinished";
  std::ofstream stream(unfinished, std::ios::trunc);
  stream << address << '\n';
  stream.close();
  std::error_code error;
  if (!stream.fail()) fs::rename(unfinished, file, error);
  if (!stream.fail() && !error) return absl::OkStatus();
  return absl::PermissionDeniedError(
      fmt::format("--port-file: cannot write {}", base::Quote(file.string())));
}

// The CPU's pool, then one for each GPU.
std::vector<batching::PoolOptions> MakePoolOptions(const options::Options& options, int cpu_threads,
                                                   const Gpu& gpu) {
  std::vector<batching::PoolOptions> pools;
  pools.push_back({.workers = options.threads > 0 ? options.threads : cpu_threads,
                   .intra_op_threads = options.intra_op_threads});
  const int gpus = gpu.accelerator == nullptr ? 0 : gpu.accelerator->devices();
  for (int i = 0; i < gpus; ++i) {
    pools.push_back({.device = {.kind = engine::Device::Kind::kCuda, .index = i},
                     .workers = options.gpu_streams,
                     .device_healthy = [gpus = gpu.accelerator, i] { return gpus->healthy(i); },
                     .models_may_leave = options.on_gpu_failure == options::OnGpuFailure::kCpu});
  }
  return pools;
}

std::vector<engine::DeviceFacts> FactsOf(const Gpu& gpu) {
  std::vector<engine::DeviceFacts> facts;
  const int gpus = gpu.accelerator == nullptr ? 0 : gpu.accelerator->devices();
  for (int i = 0; i < gpus; ++i) facts.push_back(gpu.accelerator->facts(i));
  return facts;
}

std::string AddressOf(const std::unique_ptr<rpc::HttpServer>& server) {
  return server == nullptr ? "" : server->address();
}

}  // namespace

// In the order in which they are built; each uses only those above it.
struct RunningServer::Parts {
  Parts(const options::Options& options, const base::CpuQuota& cpu, engine::ModelLoader& loader,
        const Gpu& gpu)
      : pools(MakePoolOptions(options, cpu.threads, gpu), base::SteadyClock(), statistics),
        repository({.roots = options.model_repositories,
                    .strict_model_config = options.strict_model_config,
                    .device = DefaultDevice(options, gpu)},
                   loader, pools),
        core(repository, base::SteadyClock(), statistics),
        in_flight(
            {.requests = options.max_requests_in_flight, .bytes = options.max_bytes_in_flight}),
        readiness(repository, pools, in_flight, options.strict_readiness) {}

  absl::Status ListenHttp(const options::Options& options, const rpc::ServiceParts& services) {
    if (options.allow_http) {
      ACTIUM_ASSIGN_OR_RETURN(http, rpc::HttpServer::Listen(options.http_address, options.http_port,
                                                            rpc::HealthPaths(readiness)));
    }
    if (options.allow_metrics) {
      ACTIUM_ASSIGN_OR_RETURN(metrics,
                              rpc::HttpServer::Listen(options.http_address, options.metrics_port,
                                                      rpc::MetricsPaths(services)));
    }
    return absl::OkStatus();
  }

  // Readiness goes with a device and comes again once its models have left: whoever watches health
  // is told at each look.
  void StartFailover() {
    failover = std::make_unique<repository::Failover>(
        repository, pools, kLookAtDevices, [this] { server->SetServing(readiness.ready()); });
  }

  observe::Statistics statistics;
  batching::DevicePools pools;
  repository::ModelRepository repository;
  inference::InferenceCore core;
  rpc::InFlight in_flight;
  rpc::Readiness readiness;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<rpc::HttpServer> http;           // Null: not allowed.
  std::unique_ptr<rpc::HttpServer> metrics;        // Null: not allowed.
  std::unique_ptr<repository::Failover> failover;  // Null: there is no GPU, or models stay on it.
};

absl::StatusOr<std::unique_ptr<RunningServer>> RunningServer::Start(const options::Options& options,
                                                                    engine::ModelLoader& loader,
                                                                    const Gpu& gpu) {
  const base::TimePoint started = base::SteadyClock().Now();
  ACTIUM_RETURN_IF_ERROR(CheckFolders(options));
  ACTIUM_ASSIGN_OR_RETURN(const rpc::ListenOptions listen, MakeListenOptions(options));
  const base::CpuQuota cpu = base::ReadCpuQuota();
  auto parts = std::make_unique<Parts>(options, cpu, loader, gpu);
  log::Info("starting", {{"version", options::Version()},
                         {"cpu_affinity", cpu.affinity},
                         {"cpu_quota", cpu.quota},
                         {"compute_threads", parts->pools.cpu().workers()},
                         {"intra_op_threads", options.intra_op_threads}});
  const rpc::ServiceParts services = {.core = parts->core,
                                      .repository = parts->repository,
                                      .pools = parts->pools,
                                      .statistics = parts->statistics,
                                      .readiness = parts->readiness,
                                      .in_flight = parts->in_flight,
                                      .comparison_data = options.comparison_data,
                                      .facts = {.version = std::string(options::Version()),
                                                .cpu = cpu,
                                                .intra_op_threads = options.intra_op_threads,
                                                .device = DefaultDevice(options, gpu),
                                                .gpus = FactsOf(gpu),
                                                .started = started}};
  ACTIUM_RETURN_IF_ERROR(parts->ListenHttp(options, services));
  ACTIUM_ASSIGN_OR_RETURN(parts->server, rpc::Server::Listen(listen, services));
  if (gpu.accelerator != nullptr && options.on_gpu_failure == options::OnGpuFailure::kCpu) {
    parts->StartFailover();
  }
  auto server = std::unique_ptr<RunningServer>(new RunningServer(std::move(parts)));
  log::Info("listening", {{"grpc", server->address()},
                          {"tls", options.tls.enabled},
                          {"http", server->http_address()},
                          {"metrics", server->metrics_address()}});
  ACTIUM_RETURN_IF_ERROR(WritePortFile(options.port_file, server->address()));
  return server;
}

RunningServer::RunningServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RunningServer::~RunningServer() { parts_->repository.StopLoading(); }

const std::string& RunningServer::address() const { return parts_->server->address(); }

std::string RunningServer::http_address() const { return AddressOf(parts_->http); }
std::string RunningServer::metrics_address() const { return AddressOf(parts_->metrics); }

int64_t RunningServer::in_flight() const { return parts_->in_flight.requests(); }

absl::Status RunningServer::LoadModels() {
  ACTIUM_RETURN_IF_ERROR(parts_->repository.LoadAll());
  const bool ready = parts_->readiness.ready();
  parts_->server->SetServing(ready);
  log::Info("started", {{"ready", ready}});
  return absl::OkStatus();
}

int64_t RunningServer::Drain(std::chrono::nanoseconds grace) {
  parts_->repository.StopLoading();
  return parts_->server->Drain(grace);
}

}  // namespace actium
