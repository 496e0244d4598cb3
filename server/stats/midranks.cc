#include "server/stats/midranks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "server/base/status_macros.h"

namespace actium::stats {

std::vector<double> Midranks(std::span<const double> values) {
  for (const double value : values) ACTIUM_CHECK(!std::isnan(value));
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });

  std::vector<double> ranks(values.size());
  for (size_t first = 0; first < order.size();) {
    size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = static_cast<double>(first + 1 + end) / 2.0;
    for (size_t i = first; i < end; ++i) ranks[order[i]] = shared;
    first = end;
  }
  return ranks;
}

}  // namespace actium::stats
