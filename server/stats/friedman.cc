#include "server/stats/friedman.h"

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"
#include "server/stats/midranks.h"

namespace actium::stats {

Friedman FriedmanTest(std::span<const double> values, int variants) {
  ACTIUM_CHECK(variants >= 2);
  const auto k = static_cast<size_t>(variants);
  ACTIUM_CHECK(!values.empty() && values.size() % k == 0);
  const size_t block_count = values.size() / k;
  const auto blocks = static_cast<double>(block_count);
  const double middle = (variants + 1) / 2.0;

  Friedman result = {.chi_squared = {}, .degrees = variants - 1};
  result.mean_ranks.assign(k, 0.0);
  double within = 0.0;  // Squared distances of all ranks from the middle one.
  for (size_t first = 0; first < values.size(); first += k) {
    const std::vector<double> ascending = Midranks(values.subspan(first, k));
    for (size_t i = 0; i < k; ++i) {
      const double rank = variants + 1 - ascending[i];
      result.mean_ranks[i] += rank;  // The sum; divided below.
      within += (rank - middle) * (rank - middle);
    }
  }
  double between = 0.0;  // Likewise of the mean ranks.
  for (double& rank : result.mean_ranks) {
    rank /= blocks;
    between += (rank - middle) * (rank - middle);
  }
  if (within == 0.0) return result;
  result.chi_squared = (variants - 1) * blocks * blocks * between / within;
  result.p = ChiSquaredUpperTail(*result.chi_squared, result.degrees);
  return result;
}

}  // namespace actium::stats
