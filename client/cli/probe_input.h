#ifndef ACTIUM_CLIENT_CLI_PROBE_INPUT_H_
#define ACTIUM_CLIENT_CLI_PROBE_INPUT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace actium::cli {

/// Returns how `actium-server --input` wants a model's input that a user writes as "3,224,224" or
/// "image:UINT8:1,28,28": with a batch of 1 in front, "INPUT__0:FP32:1,3,224,224".
///
/// index: which input it is, from 0; it gives a name to one without. batched: whether the model has
/// a batch dimension.
/// Errors: INVALID_ARGUMENT (another form, an unknown type, a size that is not >= 1).
absl::StatusOr<std::string> CompleteProbeInput(const std::string& text, size_t index, bool batched);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_PROBE_INPUT_H_
