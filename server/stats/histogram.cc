#include "server/stats/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace actium::stats {

Histogram::Histogram(const Histogram& other) { Merge(other); }

Histogram::Histogram(Histogram&& other) noexcept
    : blocks_(std::move(other.blocks_)),
      count_(std::exchange(other.count_, 0)),
      sum_(std::exchange(other.sum_, 0.0)),
      min_(std::exchange(other.min_, INT64_MAX)),
      max_(std::exchange(other.max_, 0)) {}

Histogram& Histogram::operator=(Histogram other) noexcept {
  blocks_.swap(other.blocks_);
  std::swap(count_, other.count_);
  std::swap(sum_, other.sum_);
  std::swap(min_, other.min_);
  std::swap(max_, other.max_);
  return *this;
}

void Histogram::Record(int64_t value, int64_t count) {
  if (count == 0) return;
  value = std::max<int64_t>(value, 0);
  // A value of the octave [2^k, 2^(k+1)) keeps its 10 leading bits, of which the first is 1: the
  // other 9 are its place in the block. Below 1024 nothing is cut off.
  const int cut = std::max(
      0, static_cast<int>(std::bit_width(static_cast<uint64_t>(value))) - (kBlockBits + 1));
  const int64_t leading = value >> cut;
  const size_t block = static_cast<size_t>(cut) + static_cast<size_t>(leading >> kBlockBits);
  const size_t slot = static_cast<size_t>(leading) % kBlockBuckets;
  if (!blocks_[block]) blocks_[block] = std::make_unique<Block>();
  (*blocks_[block])[slot] += count;
  count_ += count;
  sum_ += static_cast<double>(value) * static_cast<double>(count);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t block = 0; block < other.blocks_.size(); ++block) {
    if (!other.blocks_[block]) continue;
    if (!blocks_[block]) {
      blocks_[block] = std::make_unique<Block>(*other.blocks_[block]);
      continue;
    }
    for (size_t slot = 0; slot < kBlockBuckets; ++slot) {
      (*blocks_[block])[slot] += (*other.blocks_[block])[slot];
    }
  }
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

int64_t Histogram::Percentile(double percent) const {
  if (count_ == 0 || percent <= 0.0) return min();
  if (percent >= 100.0) return max_;
  // The product may be a rounding above the whole number that is meant: 99.9 % of 1000 is rank 999.
  const double exact = percent / 100.0 * static_cast<double>(count_);
  const auto rank =
      static_cast<int64_t>(std::ceil(exact * (1.0 - 4.0 * std::numeric_limits<double>::epsilon())));
  int64_t seen = 0;
  for (size_t block = 0; block < blocks_.size(); ++block) {
    if (!blocks_[block]) continue;
    for (size_t slot = 0; slot < kBlockBuckets; ++slot) {
      seen += (*blocks_[block])[slot];
      if (seen >= rank && seen > 0) {
        const Bucket bucket = BucketAt(block, slot, 0);
        const int64_t middle = bucket.lower + (bucket.upper - bucket.lower + 1) / 2;
        return std::clamp(middle, min_, max_);
      }
    }
  }
  return max_;
}

std::vector<Histogram::Bucket> Histogram::NonEmptyBuckets() const {
  std::vector<Bucket> buckets;
  for (size_t block = 0; block < blocks_.size(); ++block) {
    if (!blocks_[block]) continue;
    for (size_t slot = 0; slot < kBlockBuckets; ++slot) {
      const int64_t count = (*blocks_[block])[slot];
      if (count > 0) buckets.push_back(BucketAt(block, slot, count));
    }
  }
  return buckets;
}

Histogram::Bucket Histogram::BucketAt(size_t block, size_t slot, int64_t count) {
  // Block 0 holds leading bits below 512, every other block those from 512 on.
  const auto leading = static_cast<int64_t>(block == 0 ? slot : slot + kBlockBuckets);
  const int cut = std::max(0, static_cast<int>(block) - 1);
  const int64_t lower = leading << cut;
  return {.lower = lower, .upper = lower + ((int64_t{1} << cut) - 1), .count = count};
}

}  // namespace actium::stats
