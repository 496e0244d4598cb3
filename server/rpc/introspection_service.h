#ifndef ACTIUM_SERVER_RPC_INTROSPECTION_SERVICE_H_
#define ACTIUM_SERVER_RPC_INTROSPECTION_SERVICE_H_

#include <utility>

#include "absl/status/status.h"
#include "actium/v1/introspection.grpc.pb.h"
#include "server/rpc/one_at_a_time.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// What the Open Inference Protocol's statistics leave out; proto/actium/v1/introspection.proto.
/// Thread-safe.
class IntrospectionService final : public v1::IntrospectionService::CallbackService {
 public:
  explicit IntrospectionService(ServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* GetModelStatistics(grpc::CallbackServerContext* context,
                                               const v1::GetModelStatisticsRequest* request,
                                               v1::GetModelStatisticsResponse* response) override;
  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest* request,
                                          v1::GetServerInfoResponse* response) override;
  grpc::ServerUnaryReactor* ExplainModel(grpc::CallbackServerContext* context,
                                         const v1::ExplainModelRequest* request,
                                         v1::ExplainModelResponse* response) override;

 private:
  const ServiceParts parts_;
  // Last, as its end waits for the explanation that is being made.
  OneAtATime one_{"ExplainModel", parts_.in_flight};
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_INTROSPECTION_SERVICE_H_
