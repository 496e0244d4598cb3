#ifndef ACTIUM_SERVER_RPC_COMPARISON_SERVICE_H_
#define ACTIUM_SERVER_RPC_COMPARISON_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "actium/v1/comparison.grpc.pb.h"
#include "server/rpc/one_at_a_time.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// Comparisons of variants, one at a time; proto/actium/v1/comparison.proto. Their messages arrive
/// as bytes, to be looked through before they are parsed. Thread-safe.
class ComparisonService final
    : public v1::ComparisonService::WithRawCallbackMethod_CompareAccuracy<
          v1::ComparisonService::WithRawCallbackMethod_CompareLatency<
              v1::ComparisonService::WithRawCallbackMethod_CompareOutputs<
                  v1::ComparisonService::WithRawCallbackMethod_CompareSeeds<
                      v1::ComparisonService::Service>>>> {
 public:
  explicit ComparisonService(ServiceParts parts) : parts_(std::move(parts)) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* CompareAccuracy(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* CompareLatency(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* CompareOutputs(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* CompareSeeds(grpc::CallbackServerContext* context,
                                                          grpc::ByteBuffer* response) override;

 private:
  // Runs the handler on a thread of its own, unless another comparison runs.
  template <class Call>
  Call* Start(grpc::CallbackServerContext& context, typename Call::Handler handler);

  const ServiceParts parts_;
  // Last, as its end waits for the comparison that runs.
  OneAtATime one_{"comparison", parts_.in_flight};
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_COMPARISON_SERVICE_H_
