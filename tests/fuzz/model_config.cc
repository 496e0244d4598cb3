// A text as config.pbtxt: through the parser and all checks.
#include "server/repository/model_config.h"

#include <cstdlib>
#include <string_view>

#include "server/repository/config_text.h"
#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = actium::repository::ParseModelConfig(text, "config.pbtxt");
  if (!config.ok()) return 0;
  const auto settings = actium::repository::MakeSettings(*config, "fuzz", "config.pbtxt");
  if (settings.ok()) {
    // What is accepted can be served.
    if (settings->signature.inputs.empty() || settings->signature.outputs.empty()) std::abort();
    if (settings->signature.max_batch_size < 0) std::abort();
  } else if (settings.status().message().size() > size_t{64} << 10) {
    std::abort();  // Errors are bounded, whatever the text says.
  }
  return 0;
}
