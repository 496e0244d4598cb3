#ifndef ACTIUM_SERVER_OBSERVE_STATISTICS_H_
#define ACTIUM_SERVER_OBSERVE_STATISTICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "server/base/mutex.h"
#include "server/observe/outcome.h"
#include "server/stats/histogram.h"

namespace actium::observe {

/// How often something happened, and how long it took together.
struct DurationTotal {
  int64_t count = 0;
  std::chrono::nanoseconds sum{0};

  void Add(std::chrono::nanoseconds duration) {
    ++count;
    sum += duration;
  }
};

/// Batches of one size that the engine ran with success. Each `count` is the number of these
/// batches.
struct BatchSizeTotals {
  DurationTotal gather;
  DurationTotal compute;
  DurationTotal scatter;
};

/// What was counted of one version's traffic of one class.
struct TrafficStatistics {
  // Of requests.
  DurationTotal succeeded;     ///< Answered with OK; from arrival to answer.
  DurationTotal failed;        ///< Answered with an error, the dropped ones included.
  int64_t succeeded_rows = 0;  ///< Of the requests answered with OK.
  std::array<int64_t, kDropReasons> dropped = {};  ///< By DropReason; [kNone] stays 0.
  std::optional<std::chrono::system_clock::time_point> last_request;  ///< When it was answered.

  // Of requests answered with OK, by stage, nanoseconds.
  stats::Histogram queue;
  stats::Histogram gather;
  stats::Histogram compute;
  stats::Histogram scatter;
  stats::Histogram total;

  // Of batches, those that failed included.
  int64_t batches = 0;
  int64_t failed_batches = 0;
  int64_t rows = 0;           ///< Without padding.
  int64_t executed_rows = 0;  ///< With padding.
  int64_t non_finite_rows = 0;
  std::array<int64_t, kCloseReasons> closed = {};  ///< By CloseReason.
  std::map<int, int64_t> batches_by_rows;          ///< Rows without padding -> batches.

  // Of batches that succeeded.
  std::map<int, BatchSizeTotals> succeeded_by_rows;  ///< Rows without padding -> durations.

  /// Rows per batch, without padding; 0 without batches.
  double MeanBatchRows() const;
  int64_t Dropped(DropReason reason) const { return dropped[static_cast<size_t>(reason)]; }
  int64_t Closed(CloseReason reason) const { return closed[static_cast<size_t>(reason)]; }
};

/// What was counted of one version since it was loaded, at one moment.
struct ModelSnapshot {
  std::shared_ptr<const ModelRef> model;
  std::array<TrafficStatistics, kTrafficClasses> traffic = {};  ///< By TrafficClass.

  /// Serving traffic is what statistics for clients tell; warm-up and comparisons are apart.
  const TrafficStatistics& of(TrafficClass which) const {
    return traffic[static_cast<size_t>(which)];
  }
};

/// Counts all requests and batches by model version and class of traffic.
///
/// A version is one ModelRef object: all events of it carry the same pointer, and a version that is
/// loaded again, with a new ModelRef, counts from zero. What nobody but this holds a ModelRef of is
/// unloaded: it is left out of snapshots and its memory is freed when the next version comes.
///
/// Thread-safe. An event holds one lock, that it shares with the events of a sixteenth of the
/// versions, for some 65 ns; a snapshot holds it for some 0.1 ms per version, while it copies the
/// counts. Memory: some 0.2 MB, at most 1.2 MB, for each version and class with traffic.
class Statistics : public Recorder {
 public:
  Statistics() = default;
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

  void OnRequest(const RequestOutcome& outcome) override;
  void OnBatch(const BatchOutcome& outcome) override;

  /// Returns what was counted of every loaded version, in order of name and version. A version
  /// without any event is left out.
  ///
  /// model: only this one; empty: all. version: only this one; unset: all.
  std::vector<ModelSnapshot> Snapshot(std::string_view model = {},
                                      std::optional<int64_t> version = std::nullopt) const;

  /// Returns what was counted of one version; zeros if nothing was.
  ModelSnapshot SnapshotOf(const std::shared_ptr<const ModelRef>& model) const;

  /// Requests that named no known model or version; they are in no snapshot.
  int64_t unknown_model_requests() const { return unknown_model_requests_.load(); }

 private:
  static constexpr size_t kShards = 16;

  struct Shard {
    mutable base::Mutex mutex;
    std::unordered_map<const ModelRef*, ModelSnapshot> versions ABSL_GUARDED_BY(mutex);
  };

  static size_t ShardIndex(const ModelRef* model);
  // Calls add() with the counts of a version, under its shard's lock.
  void Count(const std::shared_ptr<const ModelRef>& model, TrafficClass traffic,
             absl::FunctionRef<void(TrafficStatistics&)> add);
  void ForgetUnloaded();

  std::array<Shard, kShards> shards_;
  std::atomic<int64_t> unknown_model_requests_ = 0;
};

}  // namespace actium::observe

#endif  // ACTIUM_SERVER_OBSERVE_STATISTICS_H_
