#ifndef ACTIUM_SERVER_FIND_GPU_H_
#define ACTIUM_SERVER_FIND_GPU_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"
#include "server/options/options.h"

namespace actium {

/// The machine's GPUs, or why there are none.
struct Gpu {
  std::shared_ptr<engine::Accelerator> accelerator;  ///< Null: there is none.
  std::string why_none;                              ///< If it is null; for people.
};

/// Opens the engine for GPUs: engine::OpenCudaPlugin(), or a test's.
using OpenGpu = absl::StatusOr<std::shared_ptr<engine::Accelerator>> (*)(
    const std::filesystem::path& file, const engine::TuningOptions& tuning);

/// Finds what the options allow: opens options.cuda_plugin or, if that is empty, libactium_cuda.so
/// in ../lib of the program's folder or in that folder. Writes one line to the log, event "gpu".
///
/// Errors: NOT_FOUND if options.cuda_plugin is no file; FAILED_PRECONDITION (names the flag) if
/// options.device demands a GPU that is not there.
absl::StatusOr<Gpu> FindGpu(const options::Options& options, OpenGpu open);

/// Returns what runs the models whose configuration leaves it open.
engine::Device DefaultDevice(const options::Options& options, const Gpu& gpu);

}  // namespace actium

#endif  // ACTIUM_SERVER_FIND_GPU_H_
