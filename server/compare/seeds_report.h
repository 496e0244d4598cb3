#ifndef ACTIUM_SERVER_COMPARE_SEEDS_REPORT_H_
#define ACTIUM_SERVER_COMPARE_SEEDS_REPORT_H_

#include <cstddef>
#include <span>

#include "actium/v1/comparison.pb.h"
#include "server/compare/seeds.h"

namespace actium::compare {

/// Says what the variants' seeds show. Pure: a function of its arguments.
///
/// variants: at least two, each with a seed. baseline: its place. report: examples, confidence and
/// margin are set already.
void FillSeedsReport(std::span<const SeedRuns> variants, size_t baseline, bool all_pairs,
                     v1::SeedsReport& report);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SEEDS_REPORT_H_
