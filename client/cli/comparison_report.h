#ifndef ACTIUM_CLIENT_CLI_COMPARISON_REPORT_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_REPORT_H_

#include "actium/v1/comparison.pb.h"
#include "client/cli/session.h"

namespace actium::cli {

/// Prints what a comparison shows: the verdict in words, tables, and what a reader must know.
void PrintReport(const v1::AccuracyReport& report);
void PrintReport(const v1::LatencyReport& report);
void PrintReport(const v1::SeedsReport& report);

/// Returns a report as JSON with the names of the proto's fields, those of value 0 included.
absl::StatusOr<Json> ReportAsJson(const google::protobuf::Message& report);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_REPORT_H_
