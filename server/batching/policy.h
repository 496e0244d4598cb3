#ifndef ACTIUM_SERVER_BATCHING_POLICY_H_
#define ACTIUM_SERVER_BATCHING_POLICY_H_

#include <chrono>
#include <span>
#include <vector>

#include "server/base/clock.h"
#include "server/observe/outcome.h"

namespace actium::batching {

/// What is known about the size of a model's batches: from its configuration, and measured.
struct PolicyOptions {
  int max_batch_size = 1;                       ///< Most rows of a batch, >= 1.
  std::vector<int> preferred_batch_sizes{};     ///< Ascending, each in [1, max_batch_size].
  std::chrono::nanoseconds max_queue_delay{0};  ///< How long a free worker may wait for company.
  /// A batch of more rows computes no faster (BatchTimes::EfficientRows()), >= 1; 0: not known.
  int efficient_rows = 0;
};

/// Returns where a batch is full: at efficient_rows, or at max_batch_size if the configuration asks
/// for larger batches by preferred sizes or a delay. In [1, max_batch_size].
int FullRows(const PolicyOptions& options);

/// Requests that may share a batch (same model, class and shapes), oldest first.
struct QueueSnapshot {
  /// row_ends[i]: rows of requests 0 to i together. May stop at the first that is >= FullRows().
  std::span<const int> row_ends;
  base::TimePoint oldest_since;  ///< When request 0 was queued.
  bool alone = false;            ///< Each of these requests is a batch of its own.
  bool closing = false;  ///< No further request will come, so that nothing is worth waiting for.
  int sharers = 1;       ///< Workers that would start a batch of these requests now, >= 1.
};

/// What a free worker does.
struct Decision {
  int rows_to_take = 0;  ///< Ends where a request ends; 0: nothing is to be taken now.
  observe::CloseReason closed = observe::CloseReason::kWorkerFree;  ///< If rows are taken: why now.
  base::TimePoint wake_at = base::TimePoint::max();  ///< If not: when to look again; max(): never.
};

/// Decides whether a free worker starts a batch or waits for company.
///
/// Pure: it reads its arguments and nothing else, so that a table tests every rule without threads,
/// sleeping or a clock. A request is never split, so the rows to take always end where a request
/// ends, and are never none when rows are due: a request larger than every limit goes as it is. The
/// first rule that holds decides:
///   1. nothing waits: take nothing;
///   2. the requests are to be alone: take the first;
///   3. there are FullRows() rows or more: take what fits in it;
///   4. a preferred size is reached: take what fits in the largest such size;
///   5. no delay is asked for, or nothing more will come: take this worker's share of the rows, so
///      that no worker idles beside a batch that it could halve (work-conserving);
///   6. the oldest request has waited max_queue_delay: take all rows;
///   7. otherwise wait until the oldest has waited max_queue_delay.
Decision Decide(const QueueSnapshot& queue, const PolicyOptions& options, base::TimePoint now);

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_POLICY_H_
