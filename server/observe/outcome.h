#ifndef ACTIUM_SERVER_OBSERVE_OUTCOME_H_
#define ACTIUM_SERVER_OBSERVE_OUTCOME_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "server/base/clock.h"

/// What can be said of a request and of a batch. Everything that counts (statistics now; metrics,
/// traces and logs later) is a Recorder of these two events.
namespace actium::observe {

/// The model version that answered.
struct ModelRef {
  std::string model;
  int64_t version = 0;
  std::string sha256;     ///< Of the model file, lower-case hexadecimal.
  std::string engine;     ///< As "libtorch".
  std::string precision;  ///< As "fp32".
};

/// Who asked, the most urgent first. Comparison and shadow traffic never delay serving traffic.
enum class TrafficClass { kServing, kComparison, kShadow, kWarmup };
inline constexpr int kTrafficClasses = 4;

/// Where a request's time went. Of a batch, gather, compute and scatter count whole for each of its
/// requests.
struct StageTimes {
  std::chrono::nanoseconds queue{0};
  std::chrono::nanoseconds gather{0};
  std::chrono::nanoseconds compute{0};
  std::chrono::nanoseconds scatter{0};
};

/// Why a batch was started when it was.
enum class CloseReason {
  kFull,           ///< As large as it is let grow, or the next request did not fit.
  kPreferredSize,  ///< A preferred batch size was reached.
  kDelayOver,      ///< The oldest request had waited max_queue_delay.
  kWorkerFree,     ///< No delay is asked for and a worker was free.
  kAlone,          ///< The request asked to be alone, or its model does not batch.
};
inline constexpr int kCloseReasons = 5;

/// Where a request ended that was not executed.
enum class DropReason {
  kNone,     ///< It was executed.
  kInvalid,  ///< Refused before it was queued: the request is wrong.
  kQueueFull,
  kExpired,  ///< Its deadline or queue timeout passed while it waited.
  kCancelled,
  kUnloaded,  ///< Its version was unloaded before it was run.
};
inline constexpr int kDropReasons = 6;

/// One request, when it has been answered.
struct RequestOutcome {
  std::shared_ptr<const ModelRef> model;  ///< Null if no model version was found for it.
  TrafficClass traffic = TrafficClass::kServing;
  absl::StatusCode code = absl::StatusCode::kOk;
  DropReason dropped = DropReason::kNone;
  int rows = 0;
  StageTimes stages;
  std::chrono::nanoseconds total{0};  ///< From InferenceCore::Infer() to its callback.
  base::TimePoint finished;
};

/// One executed batch.
struct BatchOutcome {
  std::shared_ptr<const ModelRef> model;
  TrafficClass traffic = TrafficClass::kServing;
  absl::StatusCode code = absl::StatusCode::kOk;
  CloseReason closed = CloseReason::kWorkerFree;
  int requests = 0;
  int rows = 0;             ///< Without padding.
  int executed_rows = 0;    ///< With padding.
  int non_finite_rows = 0;  ///< Rows of which any floating-point output is NaN or infinite.
  StageTimes stages;        ///< queue: the oldest request's.
  base::TimePoint finished;
};

/// Counts events. Thread-safe; called on request and worker threads, so it must not wait.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void OnRequest(const RequestOutcome& outcome) = 0;
  virtual void OnBatch(const BatchOutcome& outcome) = 0;
};

}  // namespace actium::observe

#endif  // ACTIUM_SERVER_OBSERVE_OUTCOME_H_
