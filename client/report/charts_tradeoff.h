#ifndef ACTIUM_CLIENT_REPORT_CHARTS_TRADEOFF_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_TRADEOFF_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

namespace actium::report {

/// A variant by what it gives and what it costs.
struct TradeOff {
  std::string variant;
  std::string load;  ///< LoadName() of its latency.
  double accuracy = 0;
  double latency = 0;
  bool on_front = false;  ///< No other of the same load is as good in both and better in one.
};

/// Sets on_front of each.
void MarkFront(std::vector<TradeOff>& points);

/// Returns accuracy, percent, against median served latency, milliseconds, with intervals of both
/// and the Pareto front; one panel for each batch size and concurrency. Variants are matched by
/// name, those in one report only are left out. accuracy: labelled. variants: all names on the
/// page, for their colours.
Chart TradeOffChart(const v1::AccuracyReport& accuracy, const v1::LatencyReport& latency,
                    const std::vector<std::string>& variants);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_TRADEOFF_H_
