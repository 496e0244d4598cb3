#ifndef ACTIUM_SERVER_RPC_INFERENCE_SERVICE_H_
#define ACTIUM_SERVER_RPC_INFERENCE_SERVICE_H_

#include <utility>

#include "inference/grpc_service.grpc.pb.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// The Open Inference Protocol's service on gRPC's callback API. Methods that this server does not
/// offer answer UNIMPLEMENTED with their name.
///
/// ModelInfer takes its message as bytes, so that one that cannot be parsed is answered with
/// INVALID_ARGUMENT (gRPC itself would say UNIMPLEMENTED), and so that outputs are sent without a
/// copy.
class InferenceService final
    : public ::inference::GRPCInferenceService::WithRawCallbackMethod_ModelInfer<
          ::inference::GRPCInferenceService::CallbackService> {
 public:
  explicit InferenceService(ServiceParts parts) : parts_(std::move(parts)) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ServerLive(Context* context, const ::inference::ServerLiveRequest* request,
                      ::inference::ServerLiveResponse* response) override;
  Reactor* ServerReady(Context* context, const ::inference::ServerReadyRequest* request,
                       ::inference::ServerReadyResponse* response) override;
  Reactor* ModelReady(Context* context, const ::inference::ModelReadyRequest* request,
                      ::inference::ModelReadyResponse* response) override;
  Reactor* ServerMetadata(Context* context, const ::inference::ServerMetadataRequest* request,
                          ::inference::ServerMetadataResponse* response) override;
  Reactor* ModelMetadata(Context* context, const ::inference::ModelMetadataRequest* request,
                         ::inference::ModelMetadataResponse* response) override;
  Reactor* ModelConfig(Context* context, const ::inference::ModelConfigRequest* request,
                       ::inference::ModelConfigResponse* response) override;
  Reactor* ModelInfer(Context* context, const grpc::ByteBuffer* request,
                      grpc::ByteBuffer* response) override;
  Reactor* ModelStatistics(Context* context, const ::inference::ModelStatisticsRequest* request,
                           ::inference::ModelStatisticsResponse* response) override;
  Reactor* RepositoryIndex(Context* context, const ::inference::RepositoryIndexRequest* request,
                           ::inference::RepositoryIndexResponse* response) override;

  // Not offered.
  grpc::ServerBidiReactor<::inference::ModelInferRequest, ::inference::ModelStreamInferResponse>*
  ModelStreamInfer(Context* context) override;
  Reactor* RepositoryModelLoad(Context* context,
                               const ::inference::RepositoryModelLoadRequest* request,
                               ::inference::RepositoryModelLoadResponse* response) override;
  Reactor* RepositoryModelUnload(Context* context,
                                 const ::inference::RepositoryModelUnloadRequest* request,
                                 ::inference::RepositoryModelUnloadResponse* response) override;
  Reactor* SystemSharedMemoryStatus(
      Context* context, const ::inference::SystemSharedMemoryStatusRequest* request,
      ::inference::SystemSharedMemoryStatusResponse* response) override;
  Reactor* SystemSharedMemoryRegister(
      Context* context, const ::inference::SystemSharedMemoryRegisterRequest* request,
      ::inference::SystemSharedMemoryRegisterResponse* response) override;
  Reactor* SystemSharedMemoryUnregister(
      Context* context, const ::inference::SystemSharedMemoryUnregisterRequest* request,
      ::inference::SystemSharedMemoryUnregisterResponse* response) override;
  Reactor* CudaSharedMemoryStatus(Context* context,
                                  const ::inference::CudaSharedMemoryStatusRequest* request,
                                  ::inference::CudaSharedMemoryStatusResponse* response) override;
  Reactor* CudaSharedMemoryRegister(
      Context* context, const ::inference::CudaSharedMemoryRegisterRequest* request,
      ::inference::CudaSharedMemoryRegisterResponse* response) override;
  Reactor* CudaSharedMemoryUnregister(
      Context* context, const ::inference::CudaSharedMemoryUnregisterRequest* request,
      ::inference::CudaSharedMemoryUnregisterResponse* response) override;
  Reactor* TraceSetting(Context* context, const ::inference::TraceSettingRequest* request,
                        ::inference::TraceSettingResponse* response) override;
  Reactor* LogSettings(Context* context, const ::inference::LogSettingsRequest* request,
                       ::inference::LogSettingsResponse* response) override;

 private:
  const ServiceParts parts_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_INFERENCE_SERVICE_H_
