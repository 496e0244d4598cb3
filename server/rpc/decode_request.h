#ifndef ACTIUM_SERVER_RPC_DECODE_REQUEST_H_
#define ACTIUM_SERVER_RPC_DECODE_REQUEST_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/batching/request.h"

namespace actium::rpc {

/// What one request may contain; more is refused before anything is copied.
inline constexpr size_t kMostNameBytes =
    1024;  ///< Of a model, input, output or parameter name, and of an id.
inline constexpr int kMostTensors = 1024;            ///< Inputs, and requested outputs.
inline constexpr int kMostDimensions = 32;           ///< Of one input.
inline constexpr int kMostParameters = 64;           ///< Of the request, of an input, of an output.
inline constexpr size_t kMostParameterBytes = 4096;  ///< Of one text parameter.

/// A received message and what was converted out of it: all that a decoded request's views point
/// at.
struct ReceivedRequest {
  ::inference::ModelInferRequest message;
  /// Typed contents of 8- and 16-bit types, which the protocol carries in 32 bits.
  std::vector<std::string> converted;
};

/// Turns a message into a request. Untrusted bytes end here: what comes out is bounded and well
/// formed, but not yet checked against a model. Inputs are views of the message: of its raw or
/// typed contents, or of `converted`. Deadline, cancellation and keepalive are left for the caller.
///
/// received: stays unchanged but for `converted`, and outlives the views.
/// Errors: INVALID_ARGUMENT names the field, the rule and what was given. UNIMPLEMENTED for tensors
/// in shared memory.
absl::StatusOr<batching::InferRequest> DecodeRequest(ReceivedRequest& received);

/// Reads a version as requests carry it: empty for none, otherwise a whole number >= 1.
/// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::optional<int64_t>> ParseVersion(std::string_view text);

/// Checks the length of a name from a client. field: what it names, for the message.
/// Errors: INVALID_ARGUMENT.
absl::Status CheckName(std::string_view field, std::string_view name);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_DECODE_REQUEST_H_
