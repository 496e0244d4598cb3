#ifndef ACTIUM_SERVER_RPC_ACCURACY_CALL_H_
#define ACTIUM_SERVER_RPC_ACCURACY_CALL_H_

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "server/rpc/blocking_call.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// A call of CompareAccuracy.
using AccuracyCall = BlockingCall<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>>;

/// Handles it: reads the setup, classifies the examples that the client sends or those of the data
/// set that it names, and sends progress and the report.
///
/// Errors: as proto/actium/v1/comparison.proto lists them.
absl::Status HandleAccuracy(AccuracyCall& call, const ServiceParts& parts);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_ACCURACY_CALL_H_
