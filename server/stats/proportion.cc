#include "server/stats/proportion.h"

#include <cmath>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {
namespace {

constexpr Interval kAnyProbability = {.lower = 0.0, .upper = 1.0};

void CheckArguments(int64_t successes, int64_t trials, double confidence) {
  ACTIUM_CHECK(successes >= 0 && successes <= trials);
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
}

}  // namespace

Interval WilsonInterval(int64_t successes, int64_t trials, double confidence) {
  CheckArguments(successes, trials, confidence);
  if (trials == 0) return kAnyProbability;
  const auto k = static_cast<double>(successes);
  const auto n = static_cast<double>(trials);
  const double z = NormalCritical(confidence);
  const double middle = (k + z * z / 2.0) / (n + z * z);
  const double half = z / (n + z * z) * std::sqrt(k / n * (n - k) + z * z / 4.0);
  // At the ends of the range, where the two terms are equal, rounding would leave a rest.
  return {.lower = successes == 0 ? 0.0 : middle - half,
          .upper = successes == trials ? 1.0 : middle + half};
}

Interval ClopperPearsonInterval(int64_t successes, int64_t trials, double confidence) {
  CheckArguments(successes, trials, confidence);
  const auto k = static_cast<double>(successes);
  const auto n = static_cast<double>(trials);
  const double tail = (1.0 - confidence) / 2.0;
  return {.lower = successes == 0 ? 0.0 : BetaQuantile(tail, k, n - k + 1.0),
          .upper = successes == trials ? 1.0 : BetaUpperQuantile(tail, k + 1.0, n - k)};
}

Interval JeffreysInterval(int64_t successes, int64_t trials, double confidence) {
  CheckArguments(successes, trials, confidence);
  if (trials == 0) return kAnyProbability;
  const double a = static_cast<double>(successes) + 0.5;
  const double b = static_cast<double>(trials - successes) + 0.5;
  const double tail = (1.0 - confidence) / 2.0;
  return {.lower = BetaQuantile(tail, a, b), .upper = BetaUpperQuantile(tail, a, b)};
}

}  // namespace actium::stats
