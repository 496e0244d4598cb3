#ifndef ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_
#define ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_

// (skeleton: the owner of server/inference completes private parts and may improve)

#include "server/batching/device_pool.h"
#include "server/batching/request.h"
#include "server/inference/route.h"
#include "server/observe/outcome.h"
#include "server/repository/model_repository.h"

namespace actium::inference {

/// Resolves a name, pins the version, checks the request against the signature, and submits it. Every
/// transport, comparison and shadow goes through here. Thread-safe.
class InferenceCore {
 public:
  /// All arguments outlive the core.
  InferenceCore(const repository::ModelRepository& repository, batching::DevicePool& pool,
                const base::Clock& clock, observe::Recorder& recorder);

  /// Installs what experiments add; null: none. Call before the first Infer().
  void set_router(Router* router);
  void set_tap(ResponseTap* tap);

  /// Answers a request. The callback runs exactly once, on any thread, possibly before Infer()
  /// returns: the caller holds no lock that it takes.
  ///
  /// Errors in the answer: NOT_FOUND, FAILED_PRECONDITION (model not ready), INVALID_ARGUMENT (names
  /// the input or output), UNAVAILABLE (queue full or draining), DEADLINE_EXCEEDED, CANCELLED,
  /// INTERNAL.
  void Infer(batching::InferRequest request, batching::InferCallback callback);
};

}  // namespace actium::inference

#endif  // ACTIUM_SERVER_INFERENCE_INFERENCE_CORE_H_
