#ifndef ACTIUM_SERVER_STATS_FRIEDMAN_H_
#define ACTIUM_SERVER_STATS_FRIEDMAN_H_

#include <optional>
#include <span>
#include <vector>

namespace actium::stats {

/// A test of "all variants do equally well", by their ranks in each block, as a training seed.
struct Friedman {
  /// Corrected for ties. None where all values of every block are equal.
  std::optional<double> chi_squared;
  int degrees = 0;  ///< Variants less 1.
  double p = 1.0;   ///< In [0, 1]; 1 without chi_squared.
  /// Of each variant, in [1, variants]; 1 is best in every block. Equal values share ranks.
  std::vector<double> mean_ranks = {};
};

/// Tests k >= 2 variants over at least one block.
///
/// values: blocks x variants, row by row, not NaN; larger is better.
/// The p value is that of chi^2; of fewer than some ten blocks it is rough, and of two variants it
/// is a sign test's.
/// Source: M. Friedman, J. Am. Stat. Assoc. 32 (1937) 675; ties: W. J. Conover, Practical
/// Nonparametric Statistics, 3rd ed. (1999), section 5.8.
Friedman FriedmanTest(std::span<const double> values, int variants);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_FRIEDMAN_H_
