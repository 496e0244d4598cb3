#include "server/stats/cochran_q.h"

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {

CochranQ CochranQTest(std::span<const int64_t> right_by_variant,
                      std::span<const int64_t> examples_by_right) {
  const auto k = static_cast<int64_t>(right_by_variant.size());
  ACTIUM_CHECK(k >= 2 && std::ssize(examples_by_right) == k + 1);
  int64_t total = 0;
  for (const int64_t right : right_by_variant) {
    ACTIUM_CHECK(right >= 0);
    total += right;
  }
  int64_t same_total = 0;
  double within = 0.0;  // k T - sum of L^2, in terms that do not cancel.
  for (int64_t right = 0; right <= k; ++right) {
    const int64_t examples = examples_by_right[static_cast<size_t>(right)];
    ACTIUM_CHECK(examples >= 0);
    same_total += right * examples;
    within += static_cast<double>(examples) * static_cast<double>(right * (k - right));
  }
  ACTIUM_CHECK(total == same_total);

  CochranQ result = {.q = {}, .degrees = static_cast<int>(k - 1)};
  if (within == 0.0) return result;
  const auto variants = static_cast<double>(k);
  const double mean = static_cast<double>(total) / variants;
  double between = 0.0;  // (k sum of G^2 - T^2) / k, likewise.
  for (const int64_t right : right_by_variant) {
    between += (static_cast<double>(right) - mean) * (static_cast<double>(right) - mean);
  }
  result.q = (variants - 1.0) * variants * between / within;
  result.p = ChiSquaredUpperTail(*result.q, result.degrees);
  return result;
}

}  // namespace actium::stats
