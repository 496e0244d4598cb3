#ifndef ACTIUM_SERVER_STATS_HISTOGRAM_H_
#define ACTIUM_SERVER_STATS_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace actium::stats {

/// Counts non-negative integers, as durations in nanoseconds, so that percentiles of any number of
/// them come from bounded memory.
///
/// Log-linear buckets: values below 1024 are exact; above, each octave [2^k, 2^(k+1)) is cut into
/// 512 buckets of one width. A value is told as the middle of its bucket, so with a relative error
/// of at most 1/1024, over all of int64 (1 ns to 292 years). Count, sum, minimum and maximum are
/// exact. An octave takes 4 KiB once it is used: 224 KiB at most, some 40 KiB for a service's
/// latencies.
///
/// Histograms add up: Merge() loses nothing. Copying copies all counts. Not thread-safe.
class Histogram {
 public:
  /// Values of [lower, upper], both inclusive.
  struct Bucket {
    int64_t lower = 0;
    int64_t upper = 0;
    int64_t count = 0;
  };

  Histogram() = default;
  Histogram(const Histogram& other);
  Histogram(Histogram&& other) noexcept;
  Histogram& operator=(Histogram other) noexcept;
  ~Histogram() = default;

  /// Counts a value `count` times, count >= 0. A negative value, as of a clock that was set back,
  /// counts as 0.
  void Record(int64_t value, int64_t count = 1);

  /// Adds all that `other` counted.
  void Merge(const Histogram& other);

  /// Values counted.
  int64_t count() const { return count_; }

  /// The smallest and the largest value, exact; 0 without any.
  int64_t min() const { return count_ == 0 ? 0 : min_; }
  int64_t max() const { return max_; }

  /// Sum and mean, exact to a double's rounding; 0 without any.
  double sum() const { return sum_; }
  double mean() const { return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_); }

  /// Returns the value that `percent` % of the values do not exceed: the one of rank
  /// ceil(percent / 100 * count), to 1/1024 of itself and never outside [min(), max()]; 0 without
  /// any.
  ///
  /// percent: 0 gives min(), 100 gives max(); what is outside [0, 100] counts as the nearer end.
  int64_t Percentile(double percent) const;

  /// Returns the buckets that are not empty, ascending; their counts add up to count().
  std::vector<Bucket> NonEmptyBuckets() const;

 private:
  static constexpr int kBlockBits = 9;
  static constexpr int kBlockBuckets = 1 << kBlockBits;
  // [0, 512), [512, 1024), then one block for each octave up to 2^63.
  static constexpr int kBlocks = 2 + 63 - (kBlockBits + 1);
  using Block = std::array<int64_t, kBlockBuckets>;

  static Bucket BucketAt(size_t block, size_t slot, int64_t count);

  std::array<std::unique_ptr<Block>, kBlocks> blocks_;
  int64_t count_ = 0;
  double sum_ = 0.0;
  int64_t min_ = INT64_MAX;
  int64_t max_ = 0;
};

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_HISTOGRAM_H_
