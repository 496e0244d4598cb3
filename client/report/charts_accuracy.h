#ifndef ACTIUM_CLIENT_REPORT_CHARTS_ACCURACY_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_ACCURACY_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

/// Charts of who is right, and who agrees. variants: all names on the page, for their colours.
namespace actium::report {

/// Accuracy of each variant, percent, with its interval. Of a labelled report.
Chart AccuracyChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants);

/// Differences of accuracy, percentage points: by itself, and all together. Of a labelled report.
Chart DifferenceChart(const v1::AccuracyReport& report);

/// Share of examples with the same predicted class, percent, for each pair. Of any report.
Chart AgreementChart(const v1::AccuracyReport& report);

/// Share of each class's examples that were recognised, percent. Of a labelled report.
Chart RecallChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants);

/// Name of a class of the report: its label, otherwise its number; "none" of -1.
std::string ClassName(const v1::AccuracyReport& report, int class_number);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_ACCURACY_H_
