// A text as the signature inside of a model file.
#include "server/repository/signature_json.h"

#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto signature = actium::repository::ParseSignatureJson(text, "actium.json");
  if (signature.ok() &&
      signature->labels.size() != static_cast<size_t>(signature->config.output_size())) {
    std::abort();
  }
  return 0;
}
