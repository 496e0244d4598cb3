#include "actium/client.h"

#include <utility>

#include "client/src/channel.h"
#include "client/src/connection.h"

namespace actium::client {
namespace {

using Inference = inference::GRPCInferenceService::StubInterface::async_interface;
using Introspection = v1::IntrospectionService::StubInterface::async_interface;

// A request that names a model version.
template <class Request>
Request OfModel(const std::string& model, const std::string& version) {
  Request request;
  request.set_name(model);
  request.set_version(version);
  return request;
}

}  // namespace

Client::Client(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::~Client() = default;

absl::StatusOr<std::unique_ptr<Client>> Client::Create(const ClientOptions& options) {
  auto channel = MakeChannel(options);
  if (!channel.ok()) return channel.status();
  return std::make_unique<Client>(
      std::make_unique<Connection>(*std::move(channel), options, RealSurroundings()));
}

const std::string& Client::address() const { return connection_->options().address; }

absl::StatusOr<bool> Client::ServerLive(const CallOptions& options) {
  const auto response =
      connection_->Wait(&Inference::ServerLive, inference::ServerLiveRequest(), options);
  if (!response.ok()) return response.status();
  return response->live();
}

absl::StatusOr<bool> Client::ServerReady(const CallOptions& options) {
  const auto response =
      connection_->Wait(&Inference::ServerReady, inference::ServerReadyRequest(), options);
  if (!response.ok()) return response.status();
  return response->ready();
}

absl::StatusOr<bool> Client::ModelReady(const std::string& model, const std::string& version,
                                        const CallOptions& options) {
  const auto response = connection_->Wait(
      &Inference::ModelReady, OfModel<inference::ModelReadyRequest>(model, version), options);
  if (!response.ok()) return response.status();
  return response->ready();
}

absl::StatusOr<inference::ServerMetadataResponse> Client::ServerMetadata(
    const CallOptions& options) {
  return connection_->Wait(&Inference::ServerMetadata, inference::ServerMetadataRequest(), options);
}

absl::StatusOr<inference::ModelMetadataResponse> Client::ModelMetadata(const std::string& model,
                                                                       const std::string& version,
                                                                       const CallOptions& options) {
  return connection_->Wait(&Inference::ModelMetadata,
                           OfModel<inference::ModelMetadataRequest>(model, version), options);
}

absl::StatusOr<inference::ModelConfig> Client::ModelConfig(const std::string& model,
                                                           const std::string& version,
                                                           const CallOptions& options) {
  auto response = connection_->Wait(
      &Inference::ModelConfig, OfModel<inference::ModelConfigRequest>(model, version), options);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_config());
}

absl::StatusOr<inference::ModelStatisticsResponse> Client::ModelStatistics(
    const std::string& model, const std::string& version, const CallOptions& options) {
  return connection_->Wait(&Inference::ModelStatistics,
                           OfModel<inference::ModelStatisticsRequest>(model, version), options);
}

absl::StatusOr<inference::RepositoryIndexResponse> Client::RepositoryIndex(
    const CallOptions& options) {
  return connection_->Wait(&Inference::RepositoryIndex, inference::RepositoryIndexRequest(),
                           options);
}

absl::StatusOr<v1::GetModelStatisticsResponse> Client::DetailedStatistics(
    const std::string& model, const CallOptions& options) {
  v1::GetModelStatisticsRequest request;
  request.set_model(model);
  return connection_->Wait(&Introspection::GetModelStatistics, request, options);
}

absl::StatusOr<v1::GetServerInfoResponse> Client::ServerInfo(const CallOptions& options) {
  return connection_->Wait(&Introspection::GetServerInfo, v1::GetServerInfoRequest(), options);
}

absl::StatusOr<v1::ExplainModelResponse> Client::ExplainModel(
    const v1::ExplainModelRequest& request, const CallOptions& options) {
  return connection_->Wait(&Introspection::ExplainModel, request, options);
}

absl::StatusOr<inference::ModelInferResponse> Client::Infer(
    const inference::ModelInferRequest& request, const CallOptions& options) {
  return connection_->Wait(&Inference::ModelInfer, request, options);
}

void Client::InferAsync(std::shared_ptr<const inference::ModelInferRequest> request,
                        Callback<inference::ModelInferResponse> callback,
                        const CallOptions& options) {
  connection_->Start(&Inference::ModelInfer, std::move(request), std::move(callback), options);
}

}  // namespace actium::client
