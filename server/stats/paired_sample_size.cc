#include "server/stats/paired_sample_size.h"

#include <algorithm>
#include <cmath>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"
#include "server/stats/tango_variance.h"

namespace actium::stats {
namespace {

constexpr int64_t kMostExamples = int64_t{1} << 53;

void CheckRates(double difference, double discordance, double alpha, double power) {
  ACTIUM_CHECK(discordance >= 0.0 && discordance <= 1.0);
  ACTIUM_CHECK(std::abs(difference) <= discordance);
  ACTIUM_CHECK(alpha > 0.0 && alpha < power && power < 1.0);
}

// The chance that both ends of Tango's interval of n examples lie within the margin.
double EquivalencePower(double n, double difference, double discordance, double margin,
                        double alpha) {
  const double first_only = (discordance + difference) / 2.0;
  const double second_only = (discordance - difference) / 2.0;
  const double deviation = std::sqrt(discordance - difference * difference);
  double power = 1.0;
  for (const double bound : {margin, -margin}) {
    const double to_move = std::abs(bound - difference) * std::sqrt(n);
    const double reach =
        NormalCritical(1.0 - alpha) * std::sqrt(TangoVariance(first_only, second_only, bound));
    if (deviation > 0.0) {
      power -= NormalUpperTail((to_move - reach) / deviation);
    } else if (to_move < reach) {
      power = 0.0;
    }
  }
  return power;
}

int64_t ExamplesToShowEquivalence(double difference, double discordance, double margin,
                                  double alpha, double power) {
  int64_t lowest = 1;
  int64_t highest = kMostExamples;
  while (lowest < highest) {
    const int64_t middle = lowest + (highest - lowest) / 2;
    if (EquivalencePower(static_cast<double>(middle), difference, discordance, margin, alpha) >=
        power) {
      highest = middle;
    } else {
      lowest = middle + 1;
    }
  }
  return lowest;
}

}  // namespace

int64_t ExamplesToShowDifference(double difference, double discordance, double alpha,
                                 double power) {
  CheckRates(difference, discordance, alpha, power);
  ACTIUM_CHECK(difference != 0.0);
  const double root = (NormalCritical(1.0 - alpha) * std::sqrt(discordance) +
                       NormalQuantile(power) * std::sqrt(discordance - difference * difference)) /
                      std::abs(difference);
  const double examples = std::ceil(root * root);
  if (root <= 1.0) return 1;
  return examples >= static_cast<double>(kMostExamples) ? kMostExamples
                                                        : static_cast<int64_t>(examples);
}

std::optional<double> DetectableAccuracyDifference(int64_t examples, double discordance,
                                                   double alpha, double power) {
  CheckRates(0.0, discordance, alpha, power);
  ACTIUM_CHECK(examples >= 0);
  const auto n = static_cast<double>(examples);
  const double z_alpha = NormalCritical(1.0 - alpha);
  const double z_power = NormalQuantile(power);
  // Connor's equation, squared, is a quadratic one in the difference.
  const double under_root = n + z_power * z_power - z_alpha * z_alpha;
  if (under_root < 0.0) return std::nullopt;
  const double difference = std::sqrt(discordance) *
                            (std::sqrt(n) * z_alpha + z_power * std::sqrt(under_root)) /
                            (n + z_power * z_power);
  if (difference > discordance || difference <= 0.0) return std::nullopt;
  return difference;
}

int64_t ExamplesForDecision(double difference, double discordance, double margin, double alpha,
                            double power) {
  CheckRates(difference, discordance, alpha, power);
  ACTIUM_CHECK(margin > 0.0 && margin < 1.0);
  int64_t examples = kMostExamples;
  if (difference != 0.0) {
    examples = ExamplesToShowDifference(difference, discordance, alpha, power);
  }
  if (std::abs(difference) < margin) {
    examples = std::min(examples,
                        ExamplesToShowEquivalence(difference, discordance, margin, alpha, power));
  }
  return examples;
}

}  // namespace actium::stats
