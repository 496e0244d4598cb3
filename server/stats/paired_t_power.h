#ifndef ACTIUM_SERVER_STATS_PAIRED_T_POWER_H_
#define ACTIUM_SERVER_STATS_PAIRED_T_POWER_H_

#include <cstdint>
#include <optional>

/// What the paired t test can find with a number of pairs, and how many a decision takes. `sd` is
/// the standard deviation of the differences, >= 0; one that was observed is an estimate, and of
/// few pairs a poor one. `alpha`: two-sided level in (0, 1). `power`: in (alpha, 1).
namespace actium::stats {

/// The chance that a two-sided test of `pairs` >= 2 pairs finds a true mean `difference`.
/// Source: J. Cohen, Statistical Power Analysis, 2nd ed. (1988), chapter 2; exact, not by his
/// tables.
double PairedTPower(int64_t pairs, double difference, double sd, double alpha);

/// The smallest true mean difference that the test finds with `power`: five seeds find
/// 1.7 standard deviations with power 0.8 at level 0.05. None for fewer than two pairs.
std::optional<double> DetectableMeanDifference(int64_t pairs, double sd, double alpha,
                                               double power);

/// The smallest number of pairs, at least 2, of which the interval of the mean at confidence 1 -
/// alpha decides with `power`, were `mean` and `sd` the true ones: it excludes 0, or it lies
/// within [-margin, margin] (this by an approximation that is near from some five pairs on),
/// whichever takes fewer. None if that is more than 1,000,000.
///
/// margin: > 0.
std::optional<int64_t> PairsForDecision(double mean, double sd, double margin, double alpha,
                                        double power);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_T_POWER_H_
