#ifndef ACTIUM_CLIENT_REPORT_CHARTS_SEEDS_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_SEEDS_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

namespace actium::report {

/// Accuracy of each training seed, percent, and each variant's mean with its interval. variants:
/// all names on the page, for their colours.
Chart SeedChart(const v1::SeedsReport& report, const std::vector<std::string>& variants);

/// Differences of mean accuracy, percentage points: by itself, and all together.
Chart SeedDifferenceChart(const v1::SeedsReport& report);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_SEEDS_H_
