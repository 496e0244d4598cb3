#include "server/stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace actium::stats {
namespace {

constexpr double kRelativeError = 1.0 / 1024;
constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;

Histogram Counted(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (const int64_t value : values) histogram.Record(value);
  return histogram;
}

// The value of rank ceil(permille / 1000 * n), in whole numbers.
int64_t ExactPercentile(const std::vector<int64_t>& sorted, int64_t permille) {
  const auto n = static_cast<int64_t>(sorted.size());
  const int64_t rank = std::max<int64_t>(1, (permille * n + 999) / 1000);
  return sorted[static_cast<size_t>(rank - 1)];
}

TEST(HistogramTest, WithoutValuesEverythingIsZero) {
  const Histogram histogram;

  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0.0);
  EXPECT_EQ(histogram.Percentile(50), 0);
  EXPECT_TRUE(histogram.NonEmptyBuckets().empty());
}

TEST(HistogramTest, BelowOneThousandPercentilesAreExact) {
  std::vector<int64_t> values(1000);
  std::iota(values.begin(), values.end(), 1);
  const Histogram histogram = Counted(values);

  EXPECT_EQ(histogram.Percentile(50), 500);
  EXPECT_EQ(histogram.Percentile(99.9), 999);
  EXPECT_EQ(histogram.Percentile(99.91), 1000);
  EXPECT_EQ(histogram.Percentile(0.1), 1);
}

TEST(HistogramTest, EndsAreTheExactMinimumAndMaximum) {
  const Histogram histogram = Counted({123'456'789, 987'654'321});

  EXPECT_EQ(histogram.Percentile(-5), 123'456'789);
  EXPECT_EQ(histogram.Percentile(0), 123'456'789);
  EXPECT_EQ(histogram.Percentile(100), 987'654'321);
  EXPECT_EQ(histogram.Percentile(1000), 987'654'321);
}

TEST(HistogramTest, OneValueIsToldExactly) {
  for (const int64_t value : {int64_t{1}, int64_t{1023}, int64_t{1024}, int64_t{1025}, kHour,
                              std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(Counted({value}).Percentile(50), value);
  }
}

TEST(HistogramTest, NegativeValuesCountAsZero) {
  const Histogram histogram = Counted({-7});

  EXPECT_EQ(histogram.count(), 1);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.sum(), 0.0);
}

TEST(HistogramTest, CountsAValueManyTimes) {
  Histogram histogram;
  histogram.Record(10, 99);
  histogram.Record(2000, 1);
  histogram.Record(5, 0);

  EXPECT_EQ(histogram.count(), 100);
  EXPECT_EQ(histogram.min(), 10);
  EXPECT_EQ(histogram.Percentile(99), 10);
  EXPECT_DOUBLE_EQ(histogram.mean(), 29.9);
}

// Every boundary between buckets, from one below to one above.
TEST(HistogramTest, EachBucketHoldsItsValueWithinTheRelativeError) {
  for (int shift = 0; shift < 62; ++shift) {
    for (const int64_t offset : {-1, 0, 1}) {
      const int64_t value = (int64_t{1} << shift) + (int64_t{1} << shift) / 3 + offset;
      const auto buckets = Counted({value}).NonEmptyBuckets();
      ASSERT_EQ(buckets.size(), 1u);
      EXPECT_LE(buckets[0].lower, value);
      EXPECT_GE(buckets[0].upper, value);
      EXPECT_LE(static_cast<double>(buckets[0].upper - buckets[0].lower),
                2 * kRelativeError * static_cast<double>(value));
    }
  }
}

TEST(HistogramTest, BucketsFollowEachOtherWithoutGap) {
  Histogram histogram;
  for (int64_t value = 0; value < 9000; ++value) histogram.Record(value);

  int64_t next = 0;
  int64_t counted = 0;
  for (const Histogram::Bucket& bucket : histogram.NonEmptyBuckets()) {
    EXPECT_EQ(bucket.lower, next);
    next = bucket.upper + 1;
    counted += bucket.count;
  }
  EXPECT_EQ(counted, histogram.count());
}

TEST(HistogramTest, CopiesAreIndependentAndMovedFromIsEmpty) {
  Histogram original = Counted({100, 200'000});
  Histogram copy = original;
  copy.Record(1);
  EXPECT_EQ(original.count(), 2);
  EXPECT_EQ(original.min(), 100);

  const Histogram moved = std::move(original);
  EXPECT_EQ(moved.Percentile(50), 100);
  original = copy;
  EXPECT_EQ(original.count(), 3);
}

struct Distribution {
  std::string name;
  std::function<double(std::mt19937_64&)> draw;  // Nanoseconds.
};

void PrintTo(const Distribution& distribution, std::ostream* out) { *out << distribution.name; }

class HistogramPercentileTest : public ::testing::TestWithParam<Distribution> {
 protected:
  std::vector<int64_t> Draw(int count, uint64_t seed) const {
    std::mt19937_64 random(seed);
    std::vector<int64_t> values;
    for (int i = 0; i < count; ++i) {
      values.push_back(static_cast<int64_t>(std::max(0.0, GetParam().draw(random))));
    }
    return values;
  }
};

TEST_P(HistogramPercentileTest, IsWithinAThousandthOfTheExactOne) {
  for (const int count : {1, 2, 3, 10, 999, 1000, 100'000}) {
    std::vector<int64_t> values = Draw(count, static_cast<uint64_t>(count));
    const Histogram histogram = Counted(values);
    std::ranges::sort(values);

    for (const int64_t permille : {1, 10, 100, 250, 500, 750, 900, 950, 990, 995, 999}) {
      const auto exact = static_cast<double>(ExactPercentile(values, permille));
      const auto told =
          static_cast<double>(histogram.Percentile(static_cast<double>(permille) / 10));
      EXPECT_LE(std::abs(told - exact), kRelativeError * exact)
          << permille << " permille of " << count;
    }
    EXPECT_EQ(histogram.min(), values.front());
    EXPECT_EQ(histogram.max(), values.back());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    EXPECT_NEAR(histogram.sum(), sum, 1e-12 * sum);
  }
}

TEST_P(HistogramPercentileTest, MergedPartsEqualTheWhole) {
  const std::vector<int64_t> values = Draw(10'000, 7);
  Histogram merged;
  for (size_t part = 0; part < 3; ++part) {
    Histogram histogram;
    for (size_t i = part; i < values.size(); i += 3) histogram.Record(values[i]);
    merged.Merge(histogram);
  }
  const Histogram whole = Counted(values);

  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
  for (const double percent : {1.0, 50.0, 99.0, 99.9}) {
    EXPECT_EQ(merged.Percentile(percent), whole.Percentile(percent));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Distributions, HistogramPercentileTest,
    ::testing::Values(Distribution{"Uniform", std::uniform_real_distribution<>(1, 1e6)},
                      Distribution{"ShortAndLongRequests",
                                   [](std::mt19937_64& random) {
                                     const bool slow =
                                         std::uniform_int_distribution<>(0, 99)(random) == 0;
                                     return std::normal_distribution<>(slow ? 5e9 : 2e5,
                                                                       slow ? 1e9 : 1e4)(random);
                                   }},
                      Distribution{"Exponential", std::exponential_distribution<>(1e-6)},
                      Distribution{"LogNormal", std::lognormal_distribution<>(14, 2)},
                      Distribution{"FromANanosecondToAnHour",
                                   [](std::mt19937_64& random) {
                                     const double log_hour = std::log(static_cast<double>(kHour));
                                     return std::exp(
                                         std::uniform_real_distribution<>(0, log_hour)(random));
                                   }},
                      Distribution{"Constant", [](std::mt19937_64&) { return 123'456.0; }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace actium::stats
