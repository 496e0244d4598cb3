// A text as a condition of --fail-if: through the parser.
#include "client/cli/condition.h"

#include <cmath>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const actium::cli::ConditionScope scope = {.variants = {"relu", "mish", "a", "a.b", "1"},
                                             .baseline = "relu"};
  const auto condition = actium::cli::ParseCondition(text, scope);
  if (condition.ok()) {
    // What is accepted can be decided.
    if (!std::isfinite(condition->bound) || condition->variant.empty()) std::abort();
    if (condition->other == condition->variant) std::abort();
    if (IsLatency(condition->metric) != (condition->quantile > 0)) std::abort();
  } else if (condition.status().message().size() > size_t{2} << 10) {
    std::abort();  // Errors are bounded, whatever the text says.
  }
  return 0;
}
