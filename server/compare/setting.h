#ifndef ACTIUM_SERVER_COMPARE_SETTING_H_
#define ACTIUM_SERVER_COMPARE_SETTING_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "fmt/format.h"

namespace actium::compare {

/// Returns a setting of a request: `unset` for 0, otherwise what was given.
/// Errors: INVALID_ARGUMENT names the field, if it is not in [least, most].
inline absl::StatusOr<double> Setting(std::string_view field, double given, double unset,
                                      double least, double most) {
  if (given == 0) return unset;
  if (given >= least && given <= most) return given;
  return absl::InvalidArgumentError(
      fmt::format("{} must be in [{}, {}], got {}", field, least, most, given));
}

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SETTING_H_
