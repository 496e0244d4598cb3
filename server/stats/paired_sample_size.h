#ifndef ACTIUM_SERVER_STATS_PAIRED_SAMPLE_SIZE_H_
#define ACTIUM_SERVER_STATS_PAIRED_SAMPLE_SIZE_H_

#include <cstdint>
#include <optional>

/// How many labelled examples a comparison of two models' accuracies needs, and what a given number
/// can show. Normal approximations: good from some 20 discordant examples on.
///
/// `discordance`: the share of examples of which exactly one model is right, in [0, 1]. An observed
/// rate is an estimate, so what comes out is one too. `alpha`: two-sided level, in (0, 1); divide
/// it by the number of comparisons for Bonferroni's. `power`: in (0, 1). Shares, not percent.
namespace actium::stats {

/// The smallest number of examples of which McNemar's test finds a true difference with `power`.
///
/// difference: not 0, |difference| <= discordance. Numbers above 2^53 are told as 2^53.
/// Source: R. J. Connor, Biometrics 43 (1987) 207.
int64_t ExamplesToShowDifference(double difference, double discordance, double alpha, double power);

/// The smallest true difference that McNemar's test finds with `power` among `examples` >= 0
/// examples: what this sample could have shown. No value: not even the largest difference possible
/// at this discordance, all of it in favour of one model; and none at discordance 0.
/// Source: Connor, as above, solved for the difference.
std::optional<double> DetectableAccuracyDifference(int64_t examples, double discordance,
                                                   double alpha, double power);

/// The smallest number of examples of which the interval of the difference at confidence 1 - alpha
/// decides with `power`, were the given rates the true ones: it excludes 0, or it lies within
/// (-margin, margin), whichever takes fewer.
///
/// |difference| <= discordance; margin in (0, 1).
/// Source: Connor, as above, and two one-sided tests with Tango's variance as in J. Liu et al.,
/// Stat. Med. 21 (2002) 231.
int64_t ExamplesForDecision(double difference, double discordance, double margin, double alpha,
                            double power);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_SAMPLE_SIZE_H_
