#ifndef ACTIUM_CLIENT_REPORT_CHARTS_LATENCY_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_LATENCY_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

/// Charts of times. variants: all names on the page, for their colours. One panel for each batch
/// size and concurrency.
namespace actium::report {

/// Percentiles of the served latency, milliseconds, with intervals where the sample bounds them.
Chart PercentileChart(const v1::LatencyReport& report, const std::vector<std::string>& variants);

/// Ratios of latency to the baseline's, served and in the engine.
Chart RatioChart(const v1::LatencyReport& report);

/// Median time of each stage of a batch.
Chart StageChart(const v1::LatencyReport& report);

/// Median of each round in turn: what the ratios are computed from.
Chart RoundChart(const v1::LatencyReport& report, const std::vector<std::string>& variants);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_LATENCY_H_
