#ifndef ACTIUM_SERVER_STATS_DISTRIBUTIONS_H_
#define ACTIUM_SERVER_STATS_DISTRIBUTIONS_H_

#include <cstdint>

/// The distributions that the tests and intervals of this folder need: Boost.Math's behind our
/// names. Nothing here throws. Tails are computed as tails, so
/// that a p value of 1e-40 is one.
///
/// Preconditions: probabilities and confidences lie in (0, 1), degrees of freedom are > 0, and no
/// argument is NaN.
namespace actium::stats {

/// P(Z > z) of a standard normal Z.
double NormalUpperTail(double z);

/// The z with P(Z <= z) = probability.
double NormalQuantile(double probability);

/// The z with P(|Z| <= z) = confidence: 1.96 for 0.95.
double NormalCritical(double confidence);

/// P(T > t) of Student's T; t may be infinite.
double StudentUpperTail(double t, double degrees);

/// The t with P(|T| <= t) = confidence.
double StudentCritical(double confidence, double degrees);

/// P(X <= x) and P(X > x) of a chi^2 variable, x >= 0.
double ChiSquaredCdf(double x, double degrees);
double ChiSquaredUpperTail(double x, double degrees);

/// P(X <= k) and P(X = k) of X successes in `trials` >= 1 trials, k in [0, trials].
double BinomialCdf(int64_t k, int64_t trials, double success);
double BinomialPmf(int64_t k, int64_t trials, double success);

/// The smallest k with P(X <= k) >= probability; 0 without trials.
int64_t BinomialQuantile(double probability, int64_t trials, double success);

/// The x with P(B <= x) = probability and with P(B > x) = probability of a beta variable; a, b > 0.
double BetaQuantile(double probability, double a, double b);
double BetaUpperQuantile(double probability, double a, double b);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_DISTRIBUTIONS_H_
