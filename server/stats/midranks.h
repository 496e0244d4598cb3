#ifndef ACTIUM_SERVER_STATS_MIDRANKS_H_
#define ACTIUM_SERVER_STATS_MIDRANKS_H_

#include <span>
#include <vector>

namespace actium::stats {

/// Returns the rank of each value, in the order of the values: 1 for the smallest; equal values all
/// get the mean of the ranks that they share, a multiple of 1/2. No value may be NaN.
std::vector<double> Midranks(std::span<const double> values);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_MIDRANKS_H_
