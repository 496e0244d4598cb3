#ifndef ACTIUM_SERVER_STATS_COCHRAN_Q_H_
#define ACTIUM_SERVER_STATS_COCHRAN_Q_H_

#include <cstdint>
#include <optional>
#include <span>

namespace actium::stats {

/// A test of "all variants are equally accurate" on the same examples.
struct CochranQ {
  std::optional<double> q;  ///< None where the variants are right and wrong on the same examples.
  int degrees = 0;          ///< Variants less 1.
  double p = 1.0;           ///< In [0, 1]; 1 without q.
};

/// Tests k >= 2 variants; with two it is McNemar's test without correction for continuity.
///
/// right_by_variant: k counts, how many examples each variant answered right.
/// examples_by_right: k + 1 counts; number l says how many examples were answered right by exactly
/// l variants. Both from one table, so both add up to the same number of right answers (a
/// precondition).
/// The p value is that of chi^2: good from some 24 examples on that are not answered alike.
/// Source: W. G. Cochran, Biometrika 37 (1950) 256.
CochranQ CochranQTest(std::span<const int64_t> right_by_variant,
                      std::span<const int64_t> examples_by_right);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_COCHRAN_Q_H_
