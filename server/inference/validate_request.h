#ifndef ACTIUM_SERVER_INFERENCE_VALIDATE_REQUEST_H_
#define ACTIUM_SERVER_INFERENCE_VALIDATE_REQUEST_H_

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "server/batching/request.h"
#include "server/engine/executor.h"

namespace actium::inference {

/// Where a request's tensors belong in its model's signature.
struct CheckedRequest {
  int rows = 1;  ///< Of the batch dimension; 1 where there is none.
  /// For each of the signature's inputs, which of the request's inputs it is.
  absl::InlinedVector<int, 2> inputs;
  /// For each output of the answer, in the order asked for, which of the signature's it is; all of
  /// them if the request names none.
  absl::InlinedVector<int, 2> outputs;
};

/// Checks that a request has each of the model's inputs once, with the model's type, rank and
/// dimensions, 1 to max_batch_size rows that are the same for all inputs, and exactly the bytes
/// that its shape says; and that it asks for outputs of the model, each once. Shapes are untrusted:
/// no product of dimensions overflows. A dimension declared with kAnySize takes 1 or more.
///
/// Errors: INVALID_ARGUMENT names the input or output, the rule and what was given.
absl::StatusOr<CheckedRequest> CheckRequest(const engine::Signature& signature,
                                            const batching::InferRequest& request);

}  // namespace actium::inference

#endif  // ACTIUM_SERVER_INFERENCE_VALIDATE_REQUEST_H_
