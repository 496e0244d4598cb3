#ifndef ACTIUM_SERVER_BATCHING_SCATTER_H_
#define ACTIUM_SERVER_BATCHING_SCATTER_H_

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/batching/pending_request.h"
#include "server/engine/executor.h"
#include "server/tensor/tensor_view.h"

namespace actium::batching {

/// Checks what an executor returned for a batch, before anything is read from it: as many outputs
/// as the signature has, their types, bytes that fit their shapes, host memory and, where the model
/// batches, executed_rows rows each.
///
/// Errors: INTERNAL names the output, the rule and what was returned.
absl::Status CheckOutputs(const engine::Signature& signature, int executed_rows,
                          std::span<const tensor::TensorView> outputs);

/// Returns one request's part of a batch's outputs: rows [first_row, first_row + request.rows),
/// whole tensors where the model does not batch. Rows of padding are never read. `stages` and
/// `served_by` are left to the caller.
///
/// outputs: have passed CheckOutputs().
/// Errors: INVALID_ARGUMENT if a destination is too small for its output; nothing is then written
/// to it.
absl::StatusOr<InferResponse> Scatter(const engine::Signature& signature,
                                      std::span<const tensor::TensorView> outputs, int first_row,
                                      const PendingRequest& request);

/// Returns how many of the first `rows` rows have a NaN or an infinity in any output; a model
/// without batch dimension has one row. Looks at each element once where all are finite.
///
/// outputs: have passed CheckOutputs().
int CountNonFiniteRows(const engine::Signature& signature,
                       std::span<const tensor::TensorView> outputs, int rows);

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_SCATTER_H_
