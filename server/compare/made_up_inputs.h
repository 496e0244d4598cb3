#ifndef ACTIUM_SERVER_COMPARE_MADE_UP_INPUTS_H_
#define ACTIUM_SERVER_COMPARE_MADE_UP_INPUTS_H_

#include "absl/status/statusor.h"
#include "server/batching/request.h"
#include "server/engine/executor.h"

namespace actium::compare {

/// Makes up inputs to time models with: bytes at random for whole numbers and BOOL (0 or 1), values
/// of a standard normal distribution for FP32 and FP64, zeros for all others. Always the same ones.
///
/// rows: of the batch dimension, if the signature has one. The request owns its inputs.
/// Errors: INVALID_ARGUMENT (names an input of any size), RESOURCE_EXHAUSTED (beyond 1 GiB).
absl::StatusOr<batching::InferRequest> MakeUpInputs(const engine::Signature& signature, int rows);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_MADE_UP_INPUTS_H_
