#include "server/stats/mcnemar.h"

#include <algorithm>

#include "server/base/status_macros.h"
#include "server/stats/distributions.h"

namespace actium::stats {

Mcnemar McnemarTest(const PairedCounts& counts) {
  ACTIUM_CHECK(counts.first_only >= 0 && counts.second_only >= 0);
  const int64_t discordant = counts.discordant();
  const int64_t fewer = std::min(counts.first_only, counts.second_only);
  // Fagerland's mid-p of an even split is 1 - P(X = fewer) / 2; no evidence at all should read 1.
  if (counts.first_only == counts.second_only) return {};
  const double tail = BinomialCdf(fewer, discordant, 0.5);
  const double at = BinomialPmf(fewer, discordant, 0.5);
  return {.exact_p = std::min(1.0, 2.0 * tail), .mid_p = std::min(1.0, 2.0 * tail - at)};
}

}  // namespace actium::stats
