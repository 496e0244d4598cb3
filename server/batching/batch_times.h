#ifndef ACTIUM_SERVER_BATCHING_BATCH_TIMES_H_
#define ACTIUM_SERVER_BATCHING_BATCH_TIMES_H_

#include <chrono>
#include <map>

namespace actium::batching {

/// Never below this: what a batch costs besides compute (a wake-up, a lock, the replies) is shared
/// by its rows, and warm-up runs do not show it.
inline constexpr int kLeastEfficientRows = 8;

/// What a model's batches took by size, and what follows for the next ones. Other work on the
/// machine makes runs slower, never faster, so the fastest of a size is the best estimate, and gets
/// better with every batch that is served.
///
/// Not thread-safe: the pool's lock guards it.
class BatchTimes {
 public:
  /// A run of so many rows (>= 1) took so long. Returns whether it was the fastest of its size. One
  /// that took no time was not measured, and does not count.
  bool Add(int rows, std::chrono::nanoseconds took);

  bool empty() const { return fastest_.empty(); }

  /// Returns the smallest measured size >= kLeastEfficientRows whose time per row is within a tenth
  /// of the best of all sizes; the largest measured size if none is, 0 if empty.
  ///
  /// A larger batch makes its rows wait for one another and computes no more rows in a second: on a
  /// CPU a small batch of a convolutional network keeps the arithmetic units busy, while a layer
  /// that is bound by reading its weights (or a GPU) gains from many rows.
  int EfficientRows() const;

 private:
  std::map<int, std::chrono::nanoseconds> fastest_;  // By rows.
};

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_BATCH_TIMES_H_
