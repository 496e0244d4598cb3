#include "server/rpc/introspection_service.h"

#include <algorithm>

#include "server/rpc/statistics_reply.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {
namespace {

v1::StartupState StateOf(const Readiness& readiness) {
  if (readiness.draining()) return v1::STARTUP_STATE_DRAINING;
  return readiness.loading() ? v1::STARTUP_STATE_LOADING : v1::STARTUP_STATE_STARTED;
}

void FillUptime(base::TimePoint started, google::protobuf::Duration& uptime) {
  constexpr int64_t kNanos = 1'000'000'000;
  const int64_t passed = base::Duration(base::SteadyClock().Now() - started).count();
  uptime.set_seconds(passed / kNanos);
  uptime.set_nanos(static_cast<int32_t>(passed % kNanos));
}

}  // namespace

grpc::ServerUnaryReactor* IntrospectionService::GetModelStatistics(
    grpc::CallbackServerContext* context, const v1::GetModelStatisticsRequest* request,
    v1::GetModelStatisticsResponse* response) {
  return Finish(*context, FillStatistics(parts_.repository, parts_.statistics, parts_.pool,
                                         *request, *response));
}

grpc::ServerUnaryReactor* IntrospectionService::GetServerInfo(grpc::CallbackServerContext* context,
                                                              const v1::GetServerInfoRequest*,
                                                              v1::GetServerInfoResponse* response) {
  response->set_version(parts_.facts.version);
  response->set_compute_threads(parts_.pool.workers());
  response->set_intra_op_threads(parts_.facts.intra_op_threads);
  response->set_cpu_quota(parts_.facts.cpu.quota);
  response->set_cpu_affinity(parts_.facts.cpu.affinity);
  response->set_device("cpu");
  FillUptime(parts_.facts.started, *response->mutable_uptime());
  response->set_startup_state(StateOf(parts_.readiness));
  const auto index = parts_.repository.Index();
  const auto ready = std::count_if(index.begin(), index.end(), [](const auto& version) {
    return version.state == repository::VersionState::kReady;
  });
  response->set_ready_models(static_cast<int32_t>(ready));
  response->set_unready_models(static_cast<int32_t>(std::ssize(index) - ready));
  return Finish(*context, absl::OkStatus());
}

}  // namespace actium::rpc
