#ifndef ACTIUM_SERVER_STATS_PROPORTION_H_
#define ACTIUM_SERVER_STATS_PROPORTION_H_

#include <cstdint>

#include "server/stats/interval.h"

/// Intervals of a probability, as of an accuracy, from successes in independent trials.
///
/// Preconditions of all: 0 <= successes <= trials; confidence in (0, 1). Without trials the
/// interval is [0, 1]. Each lies in [0, 1].
namespace actium::stats {

/// Wilson's score interval: the one to show. Its coverage is `confidence` on average over the
/// probability; it contains successes / trials and is never empty.
/// Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209; recommended by L. D. Brown, T. T. Cai,
/// A. DasGupta, Stat. Sci. 16 (2001) 101.
Interval WilsonInterval(int64_t successes, int64_t trials, double confidence);

/// The exact interval: its coverage is never below `confidence`, so it is wider.
/// Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404.
Interval ClopperPearsonInterval(int64_t successes, int64_t trials, double confidence);

/// Equal tails of the posterior of Jeffreys' prior Beta(1/2, 1/2), as they are: of no success the
/// lower end is above 0, and of nothing but successes the upper end is below 1.
/// Source: Brown, Cai, DasGupta, as above, section 4.1.2.
Interval JeffreysInterval(int64_t successes, int64_t trials, double confidence);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PROPORTION_H_
