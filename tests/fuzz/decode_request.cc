// Bytes as an inference request: parsing, the decoder and the check against a signature.
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/requests.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  actium::test::CheckPayload({reinterpret_cast<const char*>(data), size});
  return 0;
}
