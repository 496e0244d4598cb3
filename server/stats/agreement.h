#ifndef ACTIUM_SERVER_STATS_AGREEMENT_H_
#define ACTIUM_SERVER_STATS_AGREEMENT_H_

#include <cstdint>
#include <optional>
#include <span>

namespace actium::stats {

/// How far two models give the same answers, right or wrong; needs no labels.
struct Agreement {
  int64_t examples = 0;
  std::optional<double> share;  ///< Of examples answered alike, in [0, 1]; none without examples.
  /// Cohen's kappa, in [-1, 1]: 0 is what chance would give models that choose each class as often
  /// as these do, 1 is full agreement. None where both always choose the same one class.
  std::optional<double> kappa;
};

/// Measures agreement.
///
/// table: classes x classes counts >= 0, row by row; [i * classes + j] says how many examples the
/// first model put into class i and the second into class j. classes: >= 1.
/// Source: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37.
Agreement MeasureAgreement(std::span<const int64_t> table, int classes);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_AGREEMENT_H_
