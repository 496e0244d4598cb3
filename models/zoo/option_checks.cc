#include "models/zoo/option_checks.h"

#include <fmt/format.h>

#include <cmath>

namespace actium::zoo {

absl::Status CheckWidths(std::span<const int64_t> widths) {
  constexpr int64_t kWidest = 65536;
  if (widths.empty()) return absl::InvalidArgumentError("widths must have at least 1 entry, got 0");
  for (const int64_t width : widths) {
    if (width < 1 || width > kWidest) {
      return absl::InvalidArgumentError(
          fmt::format("widths must be in [1, {}], got {}", kWidest, width));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckClassesAndInit(int64_t classes, const InitOptions& init) {
  if (classes < 2) {
    return absl::InvalidArgumentError(fmt::format("classes must be at least 2, got {}", classes));
  }
  if (!std::isfinite(init.scale) || init.scale <= 0) {
    return absl::InvalidArgumentError(
        fmt::format("init scale must be above 0, got {}", init.scale));
  }
  return absl::OkStatus();
}

}  // namespace actium::zoo
