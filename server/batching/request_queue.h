#ifndef ACTIUM_SERVER_BATCHING_REQUEST_QUEUE_H_
#define ACTIUM_SERVER_BATCHING_REQUEST_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/batching/pending_request.h"
#include "server/batching/policy.h"

namespace actium::batching {

/// How one model version's requests become batches; from its configuration.
struct QueueOptions {
  std::vector<int> preferred_batch_sizes{};  ///< Ascending, each in [1, max_batch_size].
  std::chrono::nanoseconds max_queue_delay{0};
  int max_queue_size = 1024;  ///< Most requests waiting at once, of each traffic class, >= 1.
  std::chrono::nanoseconds default_timeout{0};  ///< In the queue; 0: none.
  /// Whether a request's own timeout counts where it is shorter than the default.
  bool allow_timeout_override = true;
  /// Most instances, each running one batch at a time (on a GPU: its max_in_flight()); 0: as many
  /// as the pool has workers, which is also the upper limit.
  int instances = 0;
};

/// The waiting requests of one model version and one traffic class, oldest first within each group
/// of requests that may share a batch: those of equal shapes. Requests that are to be alone form a
/// group of which each is taken singly.
///
/// Owns every request from a successful Push() to the Take() or Drop…() that hands it out. Holds at
/// most max_queue_size of them. Not thread-safe: the pool's lock guards it.
class RequestQueue {
 public:
  /// Which requests to take next, and when; valid until the queue changes.
  struct Look {
    size_t group = 0;
    Decision decision;
  };

  /// batched: whether requests have a batch dimension; without one each is alone.
  /// fixed_shapes: whether the model fixes all shapes, so that they need no comparison.
  RequestQueue(const QueueOptions& options, int max_batch_size, bool batched, bool fixed_shapes);

  /// Batches of more rows compute no faster; see PolicyOptions.
  void SetEfficientRows(int rows) { policy_.efficient_rows = rows; }

  /// Adds a request that arrived at `now`. Errors: UNAVAILABLE if the queue is full; the request
  /// then stays with the caller, unchanged.
  absl::Status Push(std::unique_ptr<PendingRequest>& request, base::TimePoint now);

  /// Asks the policy about each group and returns the answer for the group that waits longest of
  /// those that are due; if none is, a decision to take nothing and when to look again.
  ///
  /// closing: no further request will come. sharers: workers that would start a batch now, >= 1.
  Look LookAt(base::TimePoint now, bool closing, int sharers = 1) const;

  /// Moves requests of look.group, oldest first, to the end of `batch` until
  /// look.decision.rows_to_take rows are reached. Of these, requests that have expired or were
  /// cancelled go to `dropped` instead, so that the batch may get fewer rows, or none. Returns the
  /// rows taken.
  int Take(const Look& look, base::TimePoint now,
           std::vector<std::unique_ptr<PendingRequest>>& batch,
           std::vector<DroppedRequest>& dropped);

  /// Moves all that have expired or were cancelled to `dropped`. Costs a pass over the queue.
  void DropDead(base::TimePoint now, std::vector<DroppedRequest>& dropped);

  /// Moves everything to `dropped`, as unloaded.
  void DropAll(std::vector<DroppedRequest>& dropped);

  int size() const { return size_; }

  /// Where a batch of waiting requests is full.
  int full_rows() const { return FullRows(policy_); }

  /// No waiting request expires before this; max() if none waits.
  base::TimePoint next_expiry() const { return next_expiry_; }

  /// Whether DropDead() may find something: a request has expired, or it has been long enough since
  /// the last pass that some may have been cancelled, which nobody tells the queue.
  bool MayHoldDead(base::TimePoint now) const;

 private:
  struct Waiting {
    std::unique_ptr<PendingRequest> request;
    uint64_t sequence = 0;  // Order of arrival.
    base::TimePoint expires;
  };
  // A group is kept when it has emptied and serves the next shapes that come.
  struct Group {
    bool alone = false;
    uint64_t key = 0;  // Of the shapes; equal shapes have equal keys.
    std::deque<Waiting> requests;
  };

  Group& GroupFor(const PendingRequest& request);
  Decision DecideFor(const Group& group, base::TimePoint now, bool closing, int sharers) const;
  base::TimePoint ExpiryOf(const InferRequest& request, base::TimePoint now) const;
  void Removed();

  PolicyOptions policy_;
  const int capacity_;
  const std::chrono::nanoseconds default_timeout_;
  const bool allow_timeout_override_;
  const bool batched_;
  const bool fixed_shapes_;

  std::deque<Group> groups_;  // Not a vector: that would copy groups when it grows.
  int size_ = 0;
  uint64_t next_sequence_ = 0;
  base::TimePoint next_expiry_ = base::TimePoint::max();
  base::TimePoint last_pass_ = base::TimePoint::min();  // Of DropDead().
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_REQUEST_QUEUE_H_
