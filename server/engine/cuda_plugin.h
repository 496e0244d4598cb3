#ifndef ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_
#define ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"

namespace actium::engine {

/// Opens the CUDA plug-in: the machine's GPUs, and the engine for them.
absl::StatusOr<std::shared_ptr<Accelerator>> OpenCudaPlugin(const std::filesystem::path& file);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_
