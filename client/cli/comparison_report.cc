#include "client/cli/comparison_report.h"

#include <google/protobuf/util/json_util.h>

#include <string>

namespace actium::cli {

absl::StatusOr<Json> ReportAsJson(const google::protobuf::Message& report) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  print.always_print_primitive_fields = true;
  std::string text;
  if (const auto status = google::protobuf::util::MessageToJsonString(report, &text, print);
      !status.ok()) {
    return absl::InternalError(status.ToString());
  }
  return Json::parse(text);
}

}  // namespace actium::cli
