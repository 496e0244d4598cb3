#ifndef ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_
#define ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_

#include <atomic>
#include <memory>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/inference/route.h"
#include "server/observe/outcome.h"
#include "server/repository/model_repository.h"

namespace actium::inference {

/// Resolves a name, pins the version, checks the request against the signature, and submits it.
/// Every transport, comparison and shadow goes through here. Thread-safe.
class InferenceCore {
 public:
  /// All arguments outlive the core, and the core outlives the callbacks of its requests.
  InferenceCore(const repository::ModelRepository& repository, const base::Clock& clock,
                observe::Recorder& recorder);

  InferenceCore(const InferenceCore&) = delete;
  InferenceCore& operator=(const InferenceCore&) = delete;

  /// Installs what experiments add; null: none. Call before the first Infer().
  void set_router(Router* router) { router_ = router; }
  void set_tap(ResponseTap* tap) { tap_ = tap; }

  /// Answers a request. The callback runs exactly once, on any thread, possibly before Infer()
  /// returns: the caller holds no lock that it takes. The version stays pinned until then.
  ///
  /// Errors in the answer: NOT_FOUND, FAILED_PRECONDITION (model not ready), INVALID_ARGUMENT
  /// (names the input or output), UNAVAILABLE (queue full), DEADLINE_EXCEEDED, CANCELLED, INTERNAL.
  void Infer(batching::InferRequest request, batching::InferCallback callback);

  /// Counts a serving request that its transport refused before it became an InferRequest.
  void RecordRefused(absl::StatusCode code);

  /// When a client's request last came; TimePoint::min() if none has.
  base::TimePoint last_serving() const { return last_serving_.load(std::memory_order_relaxed); }

 private:
  class Call;

  // Takes the request up to the queue; an error means that nobody else will answer it.
  absl::Status Submit(batching::InferRequest& request, std::unique_ptr<Call>& call);

  const repository::ModelRepository& repository_;
  const base::Clock& clock_;
  observe::Recorder& recorder_;
  std::atomic<base::TimePoint> last_serving_ = base::TimePoint::min();
  Router* router_ = nullptr;
  ResponseTap* tap_ = nullptr;
};

}  // namespace actium::inference

#endif  // ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_
