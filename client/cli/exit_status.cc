#include "client/cli/exit_status.h"

#include <fmt/format.h>

#include <string>

namespace actium::cli {
namespace {

constexpr char kPayload[] = "actium/exit-status";
constexpr char kAfterResults[] = "actium/after-results";

}  // namespace

absl::Status With(ExitStatus exit, absl::Status error) {
  error.SetPayload(kPayload, absl::Cord(std::to_string(static_cast<int>(exit))));
  return error;
}

ExitStatus ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return ExitStatus::kOk;
  if (const auto payload = status.GetPayload(kPayload)) {
    return static_cast<ExitStatus>(std::stoi(std::string(*payload)));
  }
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitStatus::kBadArguments;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return ExitStatus::kUnavailable;
    default:
      return ExitStatus::kInternal;
  }
}

absl::Status AfterResults(absl::Status error) {
  error.SetPayload(kAfterResults, absl::Cord());
  return error;
}

bool IsAfterResults(const absl::Status& error) {
  return error.GetPayload(kAfterResults).has_value();
}

absl::Status Annotate(const absl::Status& error, const std::string& what) {
  absl::Status result(error.code(), fmt::format("{}: {}", what, std::string(error.message())));
  error.ForEachPayload([&result](absl::string_view type, const absl::Cord& payload) {
    result.SetPayload(type, payload);
  });
  return result;
}

}  // namespace actium::cli
