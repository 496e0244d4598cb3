#include "server/rpc/comparison_messages.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <chrono>

namespace actium::rpc {

absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& wire) {
  bool own_buffer = false;
  const grpc::Status status =
      grpc::SerializationTraits<google::protobuf::Message>::Serialize(message, &wire, &own_buffer);
  return status.ok() ? absl::OkStatus() : absl::InternalError(status.error_message());
}

absl::Status TimeLimit::Check() const {
  constexpr std::chrono::hours kMostTime{1};
  if (base::SteadyClock().Now() - begin_ <= kMostTime) return absl::OkStatus();
  return absl::DeadlineExceededError(
      fmt::format("a comparison may take {} h at most", kMostTime.count()));
}

absl::StatusOr<batching::InferRequest> DecodeInputs(::inference::ModelInferRequest& message,
                                                    ReceivedRequest& received) {
  received.message.mutable_inputs()->Swap(message.mutable_inputs());
  received.message.mutable_raw_input_contents()->Swap(message.mutable_raw_input_contents());
  // Only the inputs count: a request must name a model, so it gets a name that nobody looks at.
  received.message.set_model_name("-");
  return DecodeRequest(received);
}

}  // namespace actium::rpc
