#ifndef ACTIUM_SERVER_STATS_QUANTILE_INTERVAL_H_
#define ACTIUM_SERVER_STATS_QUANTILE_INTERVAL_H_

#include <cstdint>
#include <optional>
#include <span>

/// Intervals of a quantile, as of a p99 latency, from independent samples of any distribution:
/// their ends are order statistics. Samples of one round are correlated, and then the intervals are
/// too narrow; what is taken for independent is the caller's to say.
///
/// `quantile` in (0, 1): 0.99 for p99. `confidence` in (0, 1).
/// Source: H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1.
namespace actium::stats {

/// Which of the n samples in ascending order are the ends; the first has rank 1.
struct QuantileRanks {
  std::optional<int64_t> lower;  ///< None: the sample is too small to bound the quantile below.
  std::optional<int64_t> upper;  ///< None: likewise above.
  /// Probability that the interval, with an infinite end for one that is missing, contains the
  /// quantile: at least the confidence asked for. Of a distribution with ties it is larger still.
  double coverage = 1.0;
};

/// samples: >= 0.
QuantileRanks QuantileIntervalRanks(int64_t samples, double quantile, double confidence);

/// The smallest number of samples of which both ends exist: 3,688 for p99.9 at 95 %.
int64_t SamplesForQuantileInterval(double quantile, double confidence);

/// A quantile of a sample.
struct QuantileEstimate {
  double value = 0.0;                ///< The sample of rank ceil(quantile * samples).
  std::optional<double> lower = {};  ///< As in QuantileRanks.
  std::optional<double> upper = {};
  double coverage = 1.0;
};

/// ascending: the samples, sorted, at least one.
QuantileEstimate EstimateQuantile(std::span<const double> ascending, double quantile,
                                  double confidence);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_QUANTILE_INTERVAL_H_
