#ifndef ACTIUM_SERVER_STATS_MCNEMAR_H_
#define ACTIUM_SERVER_STATS_MCNEMAR_H_

#include "server/stats/paired_counts.h"

namespace actium::stats {

/// Two-sided p values, in [0, 1], of "both models are equally accurate".
struct Mcnemar {
  /// Never rejects a true hypothesis more often than its level; mostly far less often.
  double exact_p = 1.0;
  /// The one to decide by: nearer to its level, and over samples hardly above it (0.053 for 0.05).
  /// Never larger than exact_p.
  double mid_p = 1.0;
};

/// Tests by the discordant examples alone. Without any, and where as many speak for either model,
/// both p values are 1.
///
/// Precondition: counts are >= 0. Where more than 1,074 discordant examples all speak for one model
/// the p values are 0: they are below what a double can hold.
/// Source: Q. McNemar, Psychometrika 12 (1947) 153; mid-p: M. W. Fagerland, S. Lydersen, P. Laake,
/// BMC Med. Res. Methodol. 13 (2013) 91.
Mcnemar McnemarTest(const PairedCounts& counts);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_MCNEMAR_H_
