#ifndef ACTIUM_CLIENT_REPORT_CHARTS_CONFUSION_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_CONFUSION_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/chart.h"

namespace actium::report {

/// Most classes of which a matrix can be read.
inline constexpr int kMostMatrixClasses = 25;

/// One cell of a confusion matrix, minus the baseline's.
struct ConfusionChange {
  const v1::VariantAccuracy* variant = nullptr;
  int label = 0;
  int predicted = 0;
  int64_t change = 0;  ///< Examples; not 0.
};

/// Returns all cells in which a variant's matrix differs from the baseline's, in the order of
/// variants, labels and predictions. Those of variants without a matrix are left out; the result
/// refers to the report.
std::vector<ConfusionChange> ConfusionChanges(const v1::AccuracyReport& report);

/// Returns the differences of the confusion matrices, one panel for each variant but the baseline;
/// nothing if there are too many classes, or none differs.
std::optional<Chart> ConfusionChart(const v1::AccuracyReport& report);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_CONFUSION_H_
