#ifndef ACTIUM_SERVER_BATCHING_PENDING_REQUEST_H_
#define ACTIUM_SERVER_BATCHING_PENDING_REQUEST_H_

#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// How a request left the batcher.
struct Completion {
  absl::StatusOr<InferResponse> response;
  observe::DropReason dropped = observe::DropReason::kNone;
  observe::StageTimes stages;
};

class ModelQueue;

/// A request that was checked against its model's signature.
struct PendingRequest {
  InferRequest request;
  int rows = 1;  ///< Of the batch dimension; 1 where there is none.
  /// For each of the signature's inputs, which of request.inputs it is.
  absl::InlinedVector<int, 2> inputs;
  /// For each output of the answer, which of the signature's outputs it is; as many as
  /// request.outputs, or all outputs if that is empty.
  absl::InlinedVector<int, 2> outputs;
  base::TimePoint enqueued;     ///< Set by DevicePool::Submit().
  ModelQueue* queue = nullptr;  ///< Where it waits; set by DevicePool::Submit().
  /// Called exactly once, on a worker or on the caller of Submit(), with no lock held. The request
  /// and what its keepalive owns live until it returns.
  absl::AnyInvocable<void(Completion)> done;
};

/// A request that leaves the queue without having been run.
struct DroppedRequest {
  std::unique_ptr<PendingRequest> request;
  observe::DropReason reason = observe::DropReason::kNone;  ///< kExpired, kCancelled or kUnloaded.
  ModelQueue* queue = nullptr;  ///< Where it waited. This and traffic outlive the request.
  observe::TrafficClass traffic = observe::TrafficClass::kServing;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_PENDING_REQUEST_H_
