#ifndef ACTIUM_SERVER_STATS_INTERVAL_H_
#define ACTIUM_SERVER_STATS_INTERVAL_H_

namespace actium::stats {

/// The values [lower, upper] that data leave possible at some confidence. An end without a bound is
/// infinite, or the end of the range that the quantity has.
struct Interval {
  double lower = 0.0;
  double upper = 0.0;

  bool Contains(double value) const { return lower <= value && value <= upper; }
  bool Within(const Interval& outer) const { return outer.lower <= lower && upper <= outer.upper; }
};

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_INTERVAL_H_
