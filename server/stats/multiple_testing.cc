#include "server/stats/multiple_testing.h"

#include <algorithm>
#include <numeric>

#include "server/base/status_macros.h"

namespace actium::stats {
namespace {

// The indices of p by ascending value.
std::vector<size_t> Ascending(std::span<const double> p) {
  for (const double value : p) ACTIUM_CHECK(value >= 0.0 && value <= 1.0);
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  return order;
}

// Of the step-up procedures: from the largest p down, the smallest of p times the step's factor.
template <class Factor>
std::vector<double> StepUp(std::span<const double> p, Factor factor) {
  const std::vector<size_t> order = Ascending(p);
  std::vector<double> adjusted(p.size());
  double smallest = 1.0;
  for (size_t rank = p.size(); rank >= 1; --rank) {
    const size_t at = order[rank - 1];
    smallest = std::min(smallest, p[at] * factor(rank));
    adjusted[at] = smallest;
  }
  return adjusted;
}

}  // namespace

std::vector<double> HolmAdjusted(std::span<const double> p) {
  const std::vector<size_t> order = Ascending(p);
  std::vector<double> adjusted(p.size());
  double largest = 0.0;
  for (size_t step = 0; step < p.size(); ++step) {
    largest = std::max(largest, p[order[step]] * static_cast<double>(p.size() - step));
    adjusted[order[step]] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<double> HochbergAdjusted(std::span<const double> p) {
  return StepUp(p, [&](size_t rank) { return static_cast<double>(p.size() - rank + 1); });
}

std::vector<double> BenjaminiHochbergAdjusted(std::span<const double> p) {
  return StepUp(
      p, [&](size_t rank) { return static_cast<double>(p.size()) / static_cast<double>(rank); });
}

double SimultaneousConfidence(double confidence, int comparisons) {
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0 && comparisons >= 1);
  return 1.0 - (1.0 - confidence) / comparisons;
}

std::vector<double> HolmConfidences(std::span<const double> p, double confidence) {
  ACTIUM_CHECK(confidence > 0.0 && confidence < 1.0);
  const double alpha = 1.0 - confidence;
  std::vector<double> confidences(p.size());
  size_t left = p.size();  // Hypotheses that the step has still to share alpha among.
  for (const size_t at : Ascending(p)) {
    confidences[at] = 1.0 - alpha / static_cast<double>(left);
    // The first one that stands ends the procedure: the others stand at its level.
    if (p[at] * static_cast<double>(left) <= alpha) --left;
  }
  return confidences;
}

}  // namespace actium::stats
