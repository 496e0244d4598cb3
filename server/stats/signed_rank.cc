#include "server/stats/signed_rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"
#include "server/stats/midranks.h"

namespace actium::stats {
namespace {

constexpr size_t kMostExact = 100;

// P(S = s / 2) at index s, of the sum S of those ranks whose fair coin shows heads. Ranks are
// multiples of 1/2, so that twice a sum is whole.
std::vector<double> RankSumDistribution(std::span<const double> ranks) {
  std::vector<double> probability = {1.0};
  for (const double rank : ranks) {
    const auto step = static_cast<size_t>(std::lround(2.0 * rank));
    probability.resize(probability.size() + step, 0.0);
    for (size_t sum = probability.size(); sum-- > 0;) {
      const double with = sum >= step ? probability[sum - step] : 0.0;
      probability[sum] = (probability[sum] + with) / 2.0;
    }
  }
  return probability;
}

// P(S <= statistic).
double ExactLowerTail(std::span<const double> ranks, double statistic) {
  const std::vector<double> probability = RankSumDistribution(ranks);
  const auto last = static_cast<std::ptrdiff_t>(std::lround(2.0 * statistic));
  return std::accumulate(probability.begin(), probability.begin() + last + 1, 0.0);
}

// Likewise for many ranks, with a correction for continuity.
double NormalLowerTail(std::span<const double> ranks, double statistic) {
  double sum = 0.0;
  double squares = 0.0;
  for (const double rank : ranks) {
    sum += rank;
    squares += rank * rank;
  }
  return NormalUpperTail((sum / 2.0 - statistic - 0.5) / std::sqrt(squares / 4.0));
}

// The means of all pairs of differences, ascending.
std::vector<double> WalshAverages(std::span<const double> differences) {
  std::vector<double> averages;
  averages.reserve(differences.size() * (differences.size() + 1) / 2);
  for (size_t i = 0; i < differences.size(); ++i) {
    for (size_t j = i; j < differences.size(); ++j) {
      averages.push_back(std::midpoint(differences[i], differences[j]));
    }
  }
  std::sort(averages.begin(), averages.end());
  return averages;
}

// How many Walsh averages lie outside each end of the interval, and what that leaves.
struct Cut {
  size_t outside = 0;  // 0: not even the smallest and the largest leave enough.
  double coverage = 1.0;
};

Cut ExactCut(size_t n, double confidence) {
  std::vector<double> ranks(n);
  std::iota(ranks.begin(), ranks.end(), 1.0);
  const std::vector<double> probability = RankSumDistribution(ranks);
  const double tail = (1.0 - confidence) / 2.0;
  Cut cut;
  double below = 0.0;  // P(S < outside + 1)
  for (size_t sum = 0; 2 * sum < probability.size(); ++sum) {
    below += probability[2 * sum];
    if (below > tail) break;
    cut = {.outside = sum + 1, .coverage = 1.0 - 2.0 * below};
  }
  return cut;
}

Cut NormalCut(size_t n, double confidence) {
  const auto size = static_cast<double>(n);
  const double mean = size * (size + 1.0) / 4.0;
  const double deviation = std::sqrt(size * (size + 1.0) * (2.0 * size + 1.0) / 24.0);
  const double outside = std::floor(mean + 0.5 - NormalCritical(confidence) * deviation);
  if (outside < 1.0) return {};
  const double below = NormalUpperTail((mean + 0.5 - outside) / deviation);
  return {.outside = static_cast<size_t>(outside), .coverage = 1.0 - 2.0 * below};
}

}  // namespace

SignedRank SignedRankTest(std::span<const double> differences) {
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (const double difference : differences) {
    ACTIUM_CHECK(std::isfinite(difference));
    if (difference == 0.0) continue;
    sizes.push_back(std::abs(difference));
    positive.push_back(difference > 0.0);
  }
  if (sizes.empty()) return {};
  const std::vector<double> ranks = Midranks(sizes);
  double sums[2] = {0.0, 0.0};  // Of negative and of positive differences.
  for (size_t i = 0; i < ranks.size(); ++i) sums[positive[i] ? 1 : 0] += ranks[i];
  const double statistic = std::min(sums[0], sums[1]);
  const double tail = ranks.size() <= kMostExact ? ExactLowerTail(ranks, statistic)
                                                 : NormalLowerTail(ranks, statistic);
  return {.pairs = std::ssize(ranks), .statistic = statistic, .p = std::min(1.0, 2.0 * tail)};
}

HodgesLehmann HodgesLehmannInterval(std::span<const double> differences, double confidence) {
  ACTIUM_CHECK(!differences.empty());
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
  for (const double difference : differences) ACTIUM_CHECK(std::isfinite(difference));
  const std::vector<double> averages = WalshAverages(differences);
  const size_t last = averages.size() - 1;
  const Cut cut = differences.size() <= kMostExact ? ExactCut(differences.size(), confidence)
                                                   : NormalCut(differences.size(), confidence);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  HodgesLehmann result = {.estimate = std::midpoint(averages[last / 2], averages[last - last / 2]),
                          .interval = {.lower = -kInfinity, .upper = kInfinity},
                          .coverage = cut.coverage};
  if (cut.outside > 0) {
    result.interval = {.lower = averages[cut.outside - 1],
                       .upper = averages[last - (cut.outside - 1)]};
  }
  return result;
}

}  // namespace actium::stats
