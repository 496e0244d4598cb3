#ifndef ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_
#define ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_

// (skeleton: the owner of server/batching completes private parts and may improve)

#include <chrono>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// How one model version's requests become batches; from its configuration.
struct QueueOptions {
  std::vector<int> preferred_batch_sizes;   ///< Ascending, each in [1, max_batch_size].
  std::chrono::nanoseconds max_queue_delay{0};
  int max_queue_size = 1024;                ///< Most requests waiting at once, >= 1.
  std::chrono::nanoseconds default_timeout{0};  ///< In the queue; 0: none.
  bool allow_timeout_override = true;       ///< Whether a request's own timeout may shorten or replace it.
  int instances = 0;                        ///< Most batches running at once; 0: as many as the pool has workers.
};

/// How a request left the batcher.
struct Completion {
  absl::StatusOr<InferResponse> response;
  observe::DropReason dropped = observe::DropReason::kNone;
  observe::StageTimes stages;
};

/// A request that was checked against its model's signature.
struct PendingRequest {
  InferRequest request;
  int rows = 1;  ///< Of the batch dimension; 1 where there is none.
  /// For each of the signature's inputs, which of request.inputs it is.
  absl::InlinedVector<int, 2> inputs;
  /// For each output of the answer, which of the signature's outputs it is; as many as
  /// request.outputs, or all outputs if that is empty.
  absl::InlinedVector<int, 2> outputs;
  base::TimePoint enqueued;
  /// Called exactly once, on a worker or on the caller of Submit(), with no lock held.
  absl::AnyInvocable<void(Completion)> done;
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_MODEL_QUEUE_H_
