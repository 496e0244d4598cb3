#include "server/batching/policy.h"

#include <algorithm>
#include <iterator>

namespace actium::batching {
namespace {

using observe::CloseReason;

// Returns the last of the ascending ends that is <= limit, or the first end if none is.
int LargestEndWithin(std::span<const int> ends, int limit) {
  const auto above = std::upper_bound(ends.begin(), ends.end(), limit);
  return above == ends.begin() ? ends.front() : *std::prev(above);
}

}  // namespace

int FullRows(const PolicyOptions& options) {
  const bool larger_are_asked_for = !options.preferred_batch_sizes.empty() ||
                                    options.max_queue_delay > std::chrono::nanoseconds::zero();
  if (larger_are_asked_for || options.efficient_rows == 0) return options.max_batch_size;
  return std::min(options.efficient_rows, options.max_batch_size);
}

Decision Decide(const QueueSnapshot& queue, const PolicyOptions& options, base::TimePoint now) {
  if (queue.row_ends.empty()) return {};
  if (queue.alone) {
    return {.rows_to_take = queue.row_ends.front(), .closed = CloseReason::kAlone};
  }
  const int rows = queue.row_ends.back();
  if (const int full = FullRows(options); rows >= full) {
    return {.rows_to_take = LargestEndWithin(queue.row_ends, full), .closed = CloseReason::kFull};
  }

  const auto& preferred = options.preferred_batch_sizes;
  const auto above = std::upper_bound(preferred.begin(), preferred.end(), rows);
  if (above != preferred.begin()) {
    return {.rows_to_take = LargestEndWithin(queue.row_ends, *std::prev(above)),
            .closed = CloseReason::kPreferredSize};
  }

  if (queue.closing || options.max_queue_delay <= std::chrono::nanoseconds::zero()) {
    const int share = (rows + queue.sharers - 1) / queue.sharers;
    return {.rows_to_take = LargestEndWithin(queue.row_ends, share),
            .closed = CloseReason::kWorkerFree};
  }
  const base::TimePoint give_up_at = queue.oldest_since + options.max_queue_delay;
  if (now >= give_up_at) return {.rows_to_take = rows, .closed = CloseReason::kDelayOver};
  return {.wake_at = give_up_at};
}

}  // namespace actium::batching
