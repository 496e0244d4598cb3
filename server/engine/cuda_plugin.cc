#include "server/engine/cuda_plugin.h"

namespace actium::engine {

absl::StatusOr<std::shared_ptr<Accelerator>> OpenCudaPlugin(const std::filesystem::path&) {
  return absl::UnimplementedError("no CUDA plug-in in this build");
}

}  // namespace actium::engine
