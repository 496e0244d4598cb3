#ifndef ACTIUM_SERVER_RPC_STATUS_TO_GRPC_H_
#define ACTIUM_SERVER_RPC_STATUS_TO_GRPC_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace actium::rpc {

/// What clients are told to wait before they try again, milliseconds: about the time in which a
/// full queue of the shipped models empties.
inline constexpr const char* kRetryPushbackMs = "100";

/// Returns the same error as gRPC's type. The codes are the same numbers.
inline grpc::Status ToGrpc(const absl::Status& status) {
  static_assert(static_cast<int>(absl::StatusCode::kOk) == grpc::StatusCode::OK);
  static_assert(static_cast<int>(absl::StatusCode::kCancelled) == grpc::StatusCode::CANCELLED);
  static_assert(static_cast<int>(absl::StatusCode::kUnknown) == grpc::StatusCode::UNKNOWN);
  static_assert(static_cast<int>(absl::StatusCode::kInvalidArgument) ==
                grpc::StatusCode::INVALID_ARGUMENT);
  static_assert(static_cast<int>(absl::StatusCode::kDeadlineExceeded) ==
                grpc::StatusCode::DEADLINE_EXCEEDED);
  static_assert(static_cast<int>(absl::StatusCode::kNotFound) == grpc::StatusCode::NOT_FOUND);
  static_assert(static_cast<int>(absl::StatusCode::kAlreadyExists) ==
                grpc::StatusCode::ALREADY_EXISTS);
  static_assert(static_cast<int>(absl::StatusCode::kPermissionDenied) ==
                grpc::StatusCode::PERMISSION_DENIED);
  static_assert(static_cast<int>(absl::StatusCode::kResourceExhausted) ==
                grpc::StatusCode::RESOURCE_EXHAUSTED);
  static_assert(static_cast<int>(absl::StatusCode::kFailedPrecondition) ==
                grpc::StatusCode::FAILED_PRECONDITION);
  static_assert(static_cast<int>(absl::StatusCode::kAborted) == grpc::StatusCode::ABORTED);
  static_assert(static_cast<int>(absl::StatusCode::kOutOfRange) == grpc::StatusCode::OUT_OF_RANGE);
  static_assert(static_cast<int>(absl::StatusCode::kUnimplemented) ==
                grpc::StatusCode::UNIMPLEMENTED);
  static_assert(static_cast<int>(absl::StatusCode::kInternal) == grpc::StatusCode::INTERNAL);
  static_assert(static_cast<int>(absl::StatusCode::kUnavailable) == grpc::StatusCode::UNAVAILABLE);
  static_assert(static_cast<int>(absl::StatusCode::kDataLoss) == grpc::StatusCode::DATA_LOSS);
  static_assert(static_cast<int>(absl::StatusCode::kUnauthenticated) ==
                grpc::StatusCode::UNAUTHENTICATED);
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

/// Ends a call. An UNAVAILABLE answer carries when to try again.
inline void Finish(grpc::CallbackServerContext& context, grpc::ServerUnaryReactor& reactor,
                   const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", kRetryPushbackMs);
  }
  reactor.Finish(ToGrpc(status));
}

/// Ends a call on its default reactor, which may be asked for once.
inline grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext& context,
                                        const absl::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context.DefaultReactor();
  Finish(context, *reactor, status);
  return reactor;
}

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_STATUS_TO_GRPC_H_
