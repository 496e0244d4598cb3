#ifndef ACTIUM_MODELS_ZOO_OPTION_CHECKS_H_
#define ACTIUM_MODELS_ZOO_OPTION_CHECKS_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "models/zoo/init.h"

namespace actium::zoo {

/// Returns OK if there is at least one width and each is in [1, 65536].
///
/// Errors: INVALID_ARGUMENT with the rule and the given value, as all functions here.
absl::Status CheckWidths(std::span<const int64_t> widths);

/// Returns OK if classes is at least 2 and the scale of the initial weights is above 0.
absl::Status CheckClassesAndInit(int64_t classes, const InitOptions& init);

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_OPTION_CHECKS_H_
