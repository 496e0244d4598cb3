#include "client/cli/probe_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actium/tensors.h"
#include "client/cli/bench_requests.h"

namespace actium::cli {

absl::StatusOr<std::string> CompleteProbeInput(const std::string& text, size_t index,
                                               bool batched) {
  const bool sizes_only = text.find(':') == std::string::npos;
  // "NAME:TYPE" and the sizes behind the last colon.
  const auto sized =
      ParseGivenShape(sizes_only ? fmt::format("INPUT__{}:FP32:{}", index, text) : text);
  const size_t colon = sized.ok() ? sized->input.find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0 ||
      client::ElementBytes(sized->input.substr(colon + 1)) == 0) {
    return absl::InvalidArgumentError(fmt::format(
        "--input must be like image:UINT8:1,28,28 or 3,224,224 with sizes >= 1, got '{}'", text));
  }
  return fmt::format("{}:{}{}", sized->input, batched ? "1," : "", fmt::join(sized->shape, ","));
}

}  // namespace actium::cli
