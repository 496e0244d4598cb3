#include "server/rpc/introspection_service.h"

#include <algorithm>
#include <thread>

#include "server/base/status_macros.h"
#include "server/batching/background_work.h"
#include "server/rpc/explain_reply.h"
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

void FillDevices(const ServiceParts& parts, v1::GetServerInfoResponse& response) {
  for (const auto& pool : parts.pools.all()) {
    const engine::Device& device = pool->device();
    v1::DeviceInfo& info = *response.add_devices();
    info.set_device(engine::Name(device));
    info.set_workers(pool->workers());
    info.set_healthy(pool->healthy());
    if (device.kind == engine::Device::Kind::kCpu) continue;
    const engine::DeviceFacts& facts = parts.facts.gpus[static_cast<size_t>(device.index)];
    info.set_name(facts.name);
    info.set_memory_bytes(facts.memory_bytes);
    info.set_compute_capability(facts.compute_capability);
  }
}

// Runs that are timed: their median is steady to a few percent, and at a second of waiting for each
// on a busy server all of them end within the client's usual timeout.
constexpr int kTimedRuns = 10;

// Describes a model by runs on the pool's workers, behind everything else; gives up between two
// runs once the client has gone.
absl::Status Explain(const ServiceParts& parts, const grpc::CallbackServerContext& context,
                     const repository::ModelHandle& model, const v1::ExplainModelRequest& request,
                     v1::ExplainModelResponse& response) {
  ACTIUM_ASSIGN_OR_RETURN(const auto background,
                          batching::BackgroundWork::Make(*model->pool, model->ref));
  const engine::DescribeOptions options = {.rows = std::max(request.batch_size(), 1),
                                           .timed_runs = request.without_times() ? 0 : kTimedRuns,
                                           .intra_op_threads = parts.facts.intra_op_threads,
                                           .run = [&](absl::FunctionRef<absl::Status()> work) {
                                             if (context.IsCancelled())
                                               return absl::CancelledError("the client has gone");
                                             return background->Run(work);
                                           }};
  ACTIUM_ASSIGN_OR_RETURN(const engine::ModelDescription description,
                          model->queue->model().Describe(options));
  FillExplanation(*model, description, response);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* IntrospectionService::GetModelStatistics(
    grpc::CallbackServerContext* context, const v1::GetModelStatisticsRequest* request,
    v1::GetModelStatisticsResponse* response) {
  return Finish(*context,
                FillStatistics(parts_.repository, parts_.statistics, *request, *response));
}

grpc::ServerUnaryReactor* IntrospectionService::GetServerInfo(grpc::CallbackServerContext* context,
                                                              const v1::GetServerInfoRequest*,
                                                              v1::GetServerInfoResponse* response) {
  response->set_version(parts_.facts.version);
  response->set_compute_threads(parts_.pools.cpu().workers());
  response->set_intra_op_threads(parts_.facts.intra_op_threads);
  response->set_cpu_quota(parts_.facts.cpu.quota);
  response->set_cpu_affinity(parts_.facts.cpu.affinity);
  FillDevices(parts_, *response);
  response->set_device(engine::Name(parts_.facts.device));
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

grpc::ServerUnaryReactor* IntrospectionService::ExplainModel(grpc::CallbackServerContext* context,
                                                             const v1::ExplainModelRequest* request,
                                                             v1::ExplainModelResponse* response) {
  auto model = FindModelToExplain(parts_.repository, *request);
  if (!model.ok()) return Finish(*context, model.status());
  if (absl::Status begun = one_.Begin(); !begun.ok()) return Finish(*context, begun);
  // gRPC's threads must not wait, and this waits for each run. The call stays alive until it is
  // finished: that its reactor exists is all that gRPC needs to know now.
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  std::thread([this, context, reactor, request, response, model = *std::move(model)]() mutable {
    const absl::Status status = Explain(parts_, *context, model, *request, *response);
    model.reset();
    one_.Done();
    Finish(*context, *reactor, status);
    one_.End();
  }).detach();
  return reactor;
}

}  // namespace actium::rpc
