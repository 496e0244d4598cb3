#ifndef ACTIUM_SERVER_COMPARE_ACCURACY_REPORT_H_
#define ACTIUM_SERVER_COMPARE_ACCURACY_REPORT_H_

#include "actium/v1/comparison.pb.h"
#include "server/compare/accuracy.h"

namespace actium::compare {

/// Says what the examples of a comparison, at least one, show.
void FillReport(const AccuracyComparison& comparison, v1::AccuracyReport& report);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_ACCURACY_REPORT_H_
