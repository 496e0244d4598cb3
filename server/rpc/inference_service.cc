#include "server/rpc/inference_service.h"

#include <fmt/format.h>

#include <string_view>

#include "server/rpc/infer_call.h"
#include "server/rpc/model_reply.h"
#include "server/rpc/statistics_reply.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {
namespace {

using Context = InferenceService::Context;
using Reactor = InferenceService::Reactor;

// Parts of the protocol and its extensions that a client may rely on.
constexpr std::string_view kExtensions[] = {"classification", "model_configuration", "parameters",
                                            "statistics"};

absl::Status NotOffered(std::string_view method) {
  return absl::UnimplementedError(
      fmt::format("inference.GRPCInferenceService/{} is not offered by this server", method));
}

// A stream that ends at once.
class NotOfferedStream final
    : public grpc::ServerBidiReactor<::inference::ModelInferRequest,
                                     ::inference::ModelStreamInferResponse> {
 public:
  explicit NotOfferedStream(std::string_view method) { Finish(ToGrpc(NotOffered(method))); }
  void OnDone() override { delete this; }
};

}  // namespace

Reactor* InferenceService::ServerLive(Context* context, const ::inference::ServerLiveRequest*,
                                      ::inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Finish(*context, absl::OkStatus());
}

Reactor* InferenceService::ServerReady(Context* context, const ::inference::ServerReadyRequest*,
                                       ::inference::ServerReadyResponse* response) {
  response->set_ready(parts_.readiness.ready());
  return Finish(*context, absl::OkStatus());
}

Reactor* InferenceService::ModelReady(Context* context,
                                      const ::inference::ModelReadyRequest* request,
                                      ::inference::ModelReadyResponse* response) {
  const auto model = FindModel(parts_.repository, request->name(), request->version());
  response->set_ready(model.ok());
  // A model that is unknown or broken is not ready, which is an answer and no error; as in Triton.
  const bool wrong_request = absl::IsInvalidArgument(model.status());
  return Finish(*context, wrong_request ? model.status() : absl::OkStatus());
}

Reactor* InferenceService::ServerMetadata(Context* context,
                                          const ::inference::ServerMetadataRequest*,
                                          ::inference::ServerMetadataResponse* response) {
  response->set_name("actium");
  response->set_version(parts_.facts.version);
  for (const std::string_view extension : kExtensions) {
    response->add_extensions(std::string(extension));
  }
  return Finish(*context, absl::OkStatus());
}

Reactor* InferenceService::ModelMetadata(Context* context,
                                         const ::inference::ModelMetadataRequest* request,
                                         ::inference::ModelMetadataResponse* response) {
  const auto model = FindModel(parts_.repository, request->name(), request->version());
  if (model.ok()) FillMetadata(**model, parts_.repository.Index(), *response);
  return Finish(*context, model.status());
}

Reactor* InferenceService::ModelConfig(Context* context,
                                       const ::inference::ModelConfigRequest* request,
                                       ::inference::ModelConfigResponse* response) {
  const auto model = FindModel(parts_.repository, request->name(), request->version());
  if (model.ok()) *response->mutable_config() = (*model)->config;
  return Finish(*context, model.status());
}

Reactor* InferenceService::ModelInfer(Context* context, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* response) {
  // gRPC made this buffer for this call alone and hands it out as const; emptying it early keeps a
  // large message from being held twice.
  auto& wire = *const_cast<grpc::ByteBuffer*>(request);
  return InferCall::Start(parts_.core, parts_.in_flight, *context, wire, *response);
}

Reactor* InferenceService::ModelStatistics(Context* context,
                                           const ::inference::ModelStatisticsRequest* request,
                                           ::inference::ModelStatisticsResponse* response) {
  return Finish(*context,
                FillStatistics(parts_.repository, parts_.statistics, *request, *response));
}

Reactor* InferenceService::RepositoryIndex(Context* context,
                                           const ::inference::RepositoryIndexRequest* request,
                                           ::inference::RepositoryIndexResponse* response) {
  if (!request->repository_name().empty()) {
    return Finish(*context, absl::UnimplementedError(
                                "repository_name must be empty: the index is of all repositories"));
  }
  FillIndex(parts_.repository.Index(), request->ready(), *response);
  return Finish(*context, absl::OkStatus());
}

grpc::ServerBidiReactor<::inference::ModelInferRequest, ::inference::ModelStreamInferResponse>*
InferenceService::ModelStreamInfer(Context*) {
  return new NotOfferedStream("ModelStreamInfer");
}

Reactor* InferenceService::RepositoryModelLoad(Context* context,
                                               const ::inference::RepositoryModelLoadRequest*,
                                               ::inference::RepositoryModelLoadResponse*) {
  return Finish(*context, NotOffered("RepositoryModelLoad"));
}

Reactor* InferenceService::RepositoryModelUnload(Context* context,
                                                 const ::inference::RepositoryModelUnloadRequest*,
                                                 ::inference::RepositoryModelUnloadResponse*) {
  return Finish(*context, NotOffered("RepositoryModelUnload"));
}

Reactor* InferenceService::SystemSharedMemoryStatus(
    Context* context, const ::inference::SystemSharedMemoryStatusRequest*,
    ::inference::SystemSharedMemoryStatusResponse*) {
  return Finish(*context, NotOffered("SystemSharedMemoryStatus"));
}

Reactor* InferenceService::SystemSharedMemoryRegister(
    Context* context, const ::inference::SystemSharedMemoryRegisterRequest*,
    ::inference::SystemSharedMemoryRegisterResponse*) {
  return Finish(*context, NotOffered("SystemSharedMemoryRegister"));
}

Reactor* InferenceService::SystemSharedMemoryUnregister(
    Context* context, const ::inference::SystemSharedMemoryUnregisterRequest*,
    ::inference::SystemSharedMemoryUnregisterResponse*) {
  return Finish(*context, NotOffered("SystemSharedMemoryUnregister"));
}

Reactor* InferenceService::CudaSharedMemoryStatus(Context* context,
                                                  const ::inference::CudaSharedMemoryStatusRequest*,
                                                  ::inference::CudaSharedMemoryStatusResponse*) {
  return Finish(*context, NotOffered("CudaSharedMemoryStatus"));
}

Reactor* InferenceService::CudaSharedMemoryRegister(
    Context* context, const ::inference::CudaSharedMemoryRegisterRequest*,
    ::inference::CudaSharedMemoryRegisterResponse*) {
  return Finish(*context, NotOffered("CudaSharedMemoryRegister"));
}

Reactor* InferenceService::CudaSharedMemoryUnregister(
    Context* context, const ::inference::CudaSharedMemoryUnregisterRequest*,
    ::inference::CudaSharedMemoryUnregisterResponse*) {
  return Finish(*context, NotOffered("CudaSharedMemoryUnregister"));
}

Reactor* InferenceService::TraceSetting(Context* context, const ::inference::TraceSettingRequest*,
                                        ::inference::TraceSettingResponse*) {
  return Finish(*context, NotOffered("TraceSetting"));
}

Reactor* InferenceService::LogSettings(Context* context, const ::inference::LogSettingsRequest*,
                                       ::inference::LogSettingsResponse*) {
  return Finish(*context, NotOffered("LogSettings"));
}

}  // namespace actium::rpc
