#ifndef ACTIUM_SERVER_BATCHING_GATHER_H_
#define ACTIUM_SERVER_BATCHING_GATHER_H_

#include <memory>
#include <span>

#include "absl/status/status.h"
#include "server/batching/pending_request.h"
#include "server/engine/executor.h"
#include "server/tensor/tensor_view.h"

namespace actium::batching {

/// Sets `shape` to the shapes of a batch whose requests look like `first`: its own, with
/// executed_rows as batch dimension where the model has one. Reuses the memory of `shape`.
void SetBatchShape(const engine::Signature& signature, const PendingRequest& first,
                   int executed_rows, engine::BatchShape& shape);

/// Copies the inputs of the requests, one behind the other, into a slot's inputs, each byte once,
/// and fills the rows behind them with zeros.
///
/// slot_inputs: what BatchSlot::Prepare() gave for the batch's shapes, in the signature's order.
/// executed_rows: rows of slot_inputs, >= the rows of all requests together. Without a batch
/// dimension there is one request.
/// Errors: INTERNAL if a request's pieces are not as many bytes as its rows need, UNIMPLEMENTED if
/// memory is not the host's. Nothing is ever written outside of slot_inputs.
absl::Status Gather(const engine::Signature& signature,
                    std::span<const std::unique_ptr<PendingRequest>> requests, int executed_rows,
                    std::span<const tensor::MutableTensorView> slot_inputs);

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_GATHER_H_
