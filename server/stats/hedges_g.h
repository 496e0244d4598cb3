#ifndef ACTIUM_SERVER_STATS_HEDGES_G_H_
#define ACTIUM_SERVER_STATS_HEDGES_G_H_

namespace actium::stats {

/// A difference of means as a multiple of the spread within groups, drawn towards 0 by 1 - 3 / (4
/// degrees - 1), since small samples exaggerate it.
///
/// sd: the standard deviation within groups, > 0. degrees: of freedom of sd, >= 1; with 1 the
/// correction leaves nothing: 0.
/// Source: L. V. Hedges, J. Educ. Stat. 6 (1981) 107.
double HedgesG(double difference, double sd, double degrees);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_HEDGES_G_H_
