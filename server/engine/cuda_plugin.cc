#include "server/engine/cuda_plugin.h"

#include <dlfcn.h>

#include <string>
#include <utility>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/engine/cuda_abi.h"
#include "server/engine/cuda_model.h"

namespace actium::engine {
namespace {

absl::Status CannotUse(const std::filesystem::path& file, std::string_view why) {
  return absl::FailedPreconditionError(
      fmt::format("CUDA plug-in {}: {}", base::Quote(file.string()), why));
}

absl::StatusOr<const ActiumCudaTable*> OpenTable(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return absl::NotFoundError(fmt::format("there is no file {}", base::Quote(file.string())));
  }
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return CannotUse(file, dlerror());
  const auto get_table =
      reinterpret_cast<ActiumCudaTableFunction>(dlsym(library, ACTIUM_CUDA_TABLE_FUNCTION));
  if (get_table == nullptr) return CannotUse(file, "it is no plug-in of this server");
  const ActiumCudaTable* const table = get_table();
  if (table->abi_version != ACTIUM_CUDA_ABI_VERSION) {
    return CannotUse(file, fmt::format("it is of version {} of the interface, this server has {}",
                                       table->abi_version, ACTIUM_CUDA_ABI_VERSION));
  }
  return table;
}

class CudaAccelerator final : public Accelerator {
 public:
  CudaAccelerator(const ActiumCudaTable& table, std::vector<DeviceFacts> devices,
                  TuningOptions tuning)
      : table_(table), devices_(std::move(devices)), tuning_(std::move(tuning)) {}

  int devices() const override { return static_cast<int>(devices_.size()); }
  DeviceFacts facts(int index) const override { return devices_[static_cast<size_t>(index)]; }
  bool healthy(int index) const override { return table_.is_healthy(index) != 0; }

  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(graph::Graph graph, const Signature& signature,
                                                    const ModelFacts& facts,
                                                    const Target& target) override {
    return NewCudaModel(table_, std::move(graph), signature, facts, target, tuning_);
  }

 private:
  const ActiumCudaTable& table_;
  const std::vector<DeviceFacts> devices_;
  const TuningOptions tuning_;
};

absl::StatusOr<std::vector<DeviceFacts>> DescribeDevices(const ActiumCudaTable& table) {
  ActiumCudaError error;
  const int32_t count = table.device_count(&error);
  if (count < 0) return ToStatus(error);
  if (count == 0) return absl::FailedPreconditionError("there is no GPU");
  std::vector<DeviceFacts> devices;
  for (int32_t i = 0; i < count; ++i) {
    ActiumCudaDevice device;
    if (table.describe_device(i, &device, &error) != 0) return ToStatus(error);
    devices.push_back({.name = device.name,
                       .memory_bytes = device.memory_bytes,
                       .compute_capability = fmt::format("{}.{}", device.major, device.minor)});
  }
  return devices;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Accelerator>> OpenCudaPlugin(const std::filesystem::path& file,
                                                            const TuningOptions& tuning) {
  ACTIUM_ASSIGN_OR_RETURN(const ActiumCudaTable* const table, OpenTable(file));
  ACTIUM_ASSIGN_OR_RETURN(std::vector<DeviceFacts> devices, DescribeDevices(*table));
  return std::make_shared<CudaAccelerator>(*table, std::move(devices), tuning);
}

}  // namespace actium::engine
