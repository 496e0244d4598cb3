#ifndef ACTIUM_SERVER_COMPARE_LATENCY_REPORT_H_
#define ACTIUM_SERVER_COMPARE_LATENCY_REPORT_H_

#include <span>

#include "actium/v1/comparison.pb.h"
#include "server/compare/latency_data.h"

namespace actium::compare {

/// Returns the median of some values, at least one.
double Median(std::span<const double> values);

/// Says what the rounds show. Pure: a function of its arguments, so that recorded and simulated
/// measurements test it. Leaves to the caller which versions were timed.
void FillLatencyReport(const LatencyData& data, const LatencySettings& settings,
                       v1::LatencyReport& report);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_LATENCY_REPORT_H_
