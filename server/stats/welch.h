#ifndef ACTIUM_SERVER_STATS_WELCH_H_
#define ACTIUM_SERVER_STATS_WELCH_H_

#include <cstdint>
#include <optional>

#include "server/stats/interval.h"

namespace actium::stats {

/// What a paper's table tells of runs: their mean, standard deviation (divisor count - 1) and
/// number.
struct Summary {
  double mean = 0.0;  ///< Finite.
  double sd = 0.0;    ///< >= 0.
  int64_t count = 0;  ///< >= 2.
};

/// The difference of two means, first less second, of runs that are not paired.
struct Welch {
  double difference = 0.0;
  double t = 0.0;        ///< Infinite where there is no spread but a difference.
  double degrees = 0.0;  ///< Of freedom, after Satterthwaite; a fraction.
  double p = 1.0;        ///< Two-sided, in [0, 1].
  Interval interval = {};
  std::optional<double> hedges_g = {};  ///< By the pooled standard deviation; none where that is 0.
};

/// Compares two groups that may differ in spread. confidence: of the interval, in (0, 1).
/// Source: B. L. Welch, Biometrika 34 (1947) 28.
Welch WelchTest(const Summary& first, const Summary& second, double confidence);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_WELCH_H_
