#ifndef ACTIUM_SERVER_RPC_INFER_CALL_H_
#define ACTIUM_SERVER_RPC_INFER_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/inference/inference_core.h"
#include "server/rpc/decode_request.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// One ModelInfer call, from the bytes of its message to its answer.
///
/// One allocation holds the message, the cancellation and the reactor. The request's views point
/// into it, so it lives until both the call and the request are over. No thread is its own:
/// decoding runs on gRPC's, encoding on the worker that ran the batch.
class InferCall final : public grpc::ServerUnaryReactor {
 public:
  /// Starts a call. wire: emptied once it is parsed. reply: written before the call ends. core and
  /// in_flight outlive the call.
  static grpc::ServerUnaryReactor* Start(inference::InferenceCore& core, InFlight& in_flight,
                                         grpc::CallbackServerContext& context,
                                         grpc::ByteBuffer& wire, grpc::ByteBuffer& reply);

  /// For Start() only.
  InferCall(InFlight& in_flight, grpc::CallbackServerContext& context, grpc::ByteBuffer& reply,
            int64_t bytes);

  void OnCancel() override;
  void OnDone() override;

 private:
  // OnDone() is short, so gRPC may call it where the call ended, without a thread in between.
  bool InternalInlineable() override { return true; }
  absl::StatusOr<batching::InferRequest> Receive(grpc::ByteBuffer& wire);
  void Answer(absl::StatusOr<batching::InferResponse> response);
  void Fail(const absl::Status& status);
  void LogFailure(const absl::Status& status) const;
  void LogEnd(absl::StatusCode code) const;

  InFlight& in_flight_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& reply_;
  const int64_t bytes_;                                // Of the message as it came.
  base::TimePoint gives_up_ = base::TimePoint::max();  // From then on, cancelling is expiring.
  batching::Cancellation cancellation_;
  ReceivedRequest received_;
  bool entered_ = false;             // Whether in_flight_ counts this call.
  std::shared_ptr<InferCall> self_;  // Held until the call is over.
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_INFER_CALL_H_
