#ifndef ACTIUM_CLIENT_CLI_HOLD_OUT_H_
#define ACTIUM_CLIENT_CLI_HOLD_OUT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// Training images that actium-train never trains on, to choose a variant by.
inline constexpr int64_t kHeldOutImages = 5000;

/// Returns the numbers of these images, in models/train/dataset.h's order.
///
/// images: in the training files, in (kHeldOutImages, 2^31). Errors: INVALID_ARGUMENT.
absl::StatusOr<std::vector<int64_t>> HeldOutImages(int64_t images);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_HOLD_OUT_H_
