#include "server/find_gpu.h"

#include <fmt/format.h>

#include <utility>

#include "server/base/log.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium {
namespace {

namespace fs = std::filesystem;
using options::DeviceChoice;

constexpr const char* kPlugin = "libactium_cuda.so";

// Returns the plug-in's file. Errors: NOT_FOUND.
absl::StatusOr<fs::path> FindPlugin(const fs::path& given) {
  std::error_code error;
  if (!given.empty()) {
    if (fs::is_regular_file(given, error)) return given;
    return absl::NotFoundError(
        fmt::format("--cuda-plugin: there is no file {}", base::Quote(given.string())));
  }
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = folder.parent_path() / "lib" / kPlugin;
  for (const fs::path& file : {installed, folder / kPlugin}) {
    if (fs::is_regular_file(file, error)) return file;
  }
  return absl::NotFoundError(fmt::format("{} is neither in {} nor in {}", kPlugin,
                                         installed.parent_path().string(), folder.string()));
}

absl::StatusOr<std::shared_ptr<engine::Accelerator>> OpenAllowed(const options::Options& options,
                                                                 OpenGpu open, fs::path& file) {
  if (!options.fuse) return absl::FailedPreconditionError("--engine libtorch");
  if (options.device.kind == DeviceChoice::Kind::kCpu) {
    return absl::FailedPreconditionError("--device cpu");
  }
  ACTIUM_ASSIGN_OR_RETURN(file, FindPlugin(options.cuda_plugin));
  return open(file, options.gpu_tuning);
}

// The name that they share.
std::string NameOf(const engine::Accelerator& gpus) {
  const std::string name = gpus.facts(0).name;
  for (int i = 1; i < gpus.devices(); ++i) {
    if (gpus.facts(i).name != name) return "of several kinds";
  }
  return name;
}

void Log(const Gpu& gpu, const fs::path& file) {
  if (gpu.accelerator == nullptr) {
    base::log::Info("gpu", {{"available", false}, {"reason", gpu.why_none}});
    return;
  }
  base::log::Info("gpu", {{"available", true},
                          {"device_count", gpu.accelerator->devices()},
                          {"name", NameOf(*gpu.accelerator)},
                          {"plugin", file.string()}});
}

absl::Status CheckDemand(const DeviceChoice& device, const Gpu& gpu) {
  if (device.kind != DeviceChoice::Kind::kCuda) return absl::OkStatus();
  if (gpu.accelerator == nullptr) {
    return absl::FailedPreconditionError(
        fmt::format("--device cuda: there is no GPU: {}", gpu.why_none));
  }
  const int devices = gpu.accelerator->devices();
  if (device.index < devices) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("--device cuda:N: N must be in [0, {}], got {}", devices - 1, device.index));
}

}  // namespace

absl::StatusOr<Gpu> FindGpu(const options::Options& options, OpenGpu open) {
  fs::path file;
  Gpu gpu;
  absl::StatusOr<std::shared_ptr<engine::Accelerator>> opened = OpenAllowed(options, open, file);
  // A file that was named and is not there is a mistake, and not a machine without a GPU.
  if (!options.cuda_plugin.empty() && file.empty() && absl::IsNotFound(opened.status())) {
    return opened.status();
  }
  if (opened.ok()) {
    gpu.accelerator = *std::move(opened);
  } else {
    gpu.why_none = std::string(opened.status().message());
  }
  Log(gpu, file);
  ACTIUM_RETURN_IF_ERROR(CheckDemand(options.device, gpu));
  return gpu;
}

engine::Device DefaultDevice(const options::Options& options, const Gpu& gpu) {
  if (gpu.accelerator == nullptr) return {};
  return {.kind = engine::Device::Kind::kCuda, .index = options.device.index};
}

}  // namespace actium
