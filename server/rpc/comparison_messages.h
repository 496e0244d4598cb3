#ifndef ACTIUM_SERVER_RPC_COMPARISON_MESSAGES_H_
#define ACTIUM_SERVER_RPC_COMPARISON_MESSAGES_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/batching/request.h"
#include "server/rpc/decode_request.h"
#include "server/rpc/parse_message.h"

/// How the handlers of comparisons read and write messages. Call: a BlockingCall.
namespace actium::rpc {

/// Turns a message into bytes. Errors: INTERNAL if it is too large.
absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& wire);

/// Sends a message and waits until gRPC has taken it. Errors: Serialize()'s, and Call::Write()'s.
template <class Call>
absl::Status Send(Call& call, const google::protobuf::Message& message) {
  grpc::ByteBuffer wire;
  ACTIUM_RETURN_IF_ERROR(Serialize(message, wire));
  return call.Write(std::move(wire));
}

/// Reads the next message; false after the last. Errors: ParseMessage()'s, and Call::Read()'s.
template <class Call, class Message>
absl::StatusOr<bool> Receive(Call& call, Message& message) {
  ACTIUM_ASSIGN_OR_RETURN(std::optional<grpc::ByteBuffer> wire, call.Read());
  if (!wire.has_value()) return false;
  ACTIUM_RETURN_IF_ERROR(ParseMessage(*wire, message));
  return true;
}

/// Ends a comparison that takes too long: others wait for it.
class TimeLimit {
 public:
  /// Errors: DEADLINE_EXCEEDED once an hour has passed since this was made.
  absl::Status Check() const;

 private:
  const base::TimePoint begin_ = base::SteadyClock().Now();
};

/// Takes the inputs out of a message; they point into `received`. Errors: DecodeRequest()'s.
absl::StatusOr<batching::InferRequest> DecodeInputs(::inference::ModelInferRequest& message,
                                                    ReceivedRequest& received);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_COMPARISON_MESSAGES_H_
