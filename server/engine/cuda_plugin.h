#ifndef ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_
#define ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_

#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"

namespace actium::engine {

/// Opens the CUDA plug-in: the machine's GPUs, and the engine for them. The file stays open until
/// the process ends.
///
/// Errors: NOT_FOUND if there is no such file; FAILED_PRECONDITION if it cannot be opened, is no
/// plug-in or one of another version, or if there is no driver or no GPU; says which.
absl::StatusOr<std::shared_ptr<Accelerator>> OpenCudaPlugin(const std::filesystem::path& file,
                                                            const TuningOptions& tuning);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_CUDA_PLUGIN_H_
