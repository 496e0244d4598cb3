#include "server/stats/seeds.h"

#include <cmath>
#include <vector>

#include "server/base/status_macros.h"
#include "server/stats/hedges_g.h"
#include "server/stats/paired_t_power.h"

namespace actium::stats {

SeedComparison CompareBySeed(std::span<const double> first, std::span<const double> second,
                             double confidence, double power) {
  ACTIUM_CHECK(first.size() == second.size());
  std::vector<double> differences;
  differences.reserve(first.size());
  for (size_t seed = 0; seed < first.size(); ++seed) {
    differences.push_back(first[seed] - second[seed]);
  }
  SeedComparison result;
  result.difference = PairedTTest(differences, confidence);
  result.detectable = DetectableMeanDifference(result.difference.pairs, result.difference.sd,
                                               1.0 - confidence, power);
  const double spread = std::sqrt((std::pow(PairedTTest(first, confidence).sd, 2) +
                                   std::pow(PairedTTest(second, confidence).sd, 2)) /
                                  2.0);
  if (differences.size() >= 3 && spread > 0.0) {
    result.hedges_g =
        HedgesG(result.difference.mean, spread, static_cast<double>(differences.size() - 1));
  }
  return result;
}

}  // namespace actium::stats
