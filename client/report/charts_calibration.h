#ifndef ACTIUM_CLIENT_REPORT_CHARTS_CALIBRATION_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_CALIBRATION_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

namespace actium::report {

/// Returns accuracy against mean confidence of each bin, one panel for each variant. report:
/// labelled. variants: all names on the page, for their colours.
Chart ReliabilityChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants);

/// Whether any variant has a bin with examples.
bool HasBins(const v1::AccuracyReport& report);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_CALIBRATION_H_
