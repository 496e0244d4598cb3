// A plug-in of another version of the interface than the server's: nothing but the version, which
// is first whatever the version, may be read.
#include <cstdint>

namespace {
constexpr int32_t kVersion = 999;
}

extern "C" __attribute__((visibility("default"))) const void* ActiumCudaPluginTable() {
  return &kVersion;
}
