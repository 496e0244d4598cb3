#include "server/cuda/tuner.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <vector>

#include "fmt/format.h"
#include "server/cuda/measure_kernels.h"
#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

namespace fs = std::filesystem;

// Changes when kernels do, so that what was measured with others is forgotten.
constexpr int kKernelsVersion = 1;

std::string KeyOf(const ContractionShape& shape, const Arithmetics& arithmetics) {
  constexpr std::string_view kStorageNames[] = {"fp32", "fp16", "bf16"};
  const auto pair = [](const Extent& extent) { return fmt::format("{}x{}", extent.h, extent.w); };
  return fmt::format(
      "{} rows={} in={}x{} out={}x{} kernel={} stride={} padding={} dilation={} "
      "groups={}",
      arithmetics.tf32 ? "tf32" : kStorageNames[static_cast<size_t>(arithmetics.storage)],
      shape.rows, pair(shape.in), shape.in_channels, pair(shape.out), shape.out_channels,
      pair(shape.kernel), pair(shape.stride), pair(shape.padding), pair(shape.dilation),
      shape.groups);
}

absl::StatusOr<std::string> DescribeMachine(const cudaDeviceProp& properties) {
  int driver = 0;
  int runtime = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaDriverGetVersion(&driver), "asking for the driver's version");
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaRuntimeGetVersion(&runtime), "asking for the runtime's version");
  return fmt::format("actium-cuda-tuning {} gpu={} driver={} runtime={}", kKernelsVersion,
                     properties.name, driver, runtime);
}

// A GPU's name as a part of a file's name.
std::string FileName(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '-';
  }
  return fmt::format("cuda-tuning-{}.txt", name);
}

const ContractionKernel* Find(std::span<const ContractionKernel* const> kernels,
                              std::string_view name) {
  const auto found = std::ranges::find(kernels, name, &ContractionKernel::name);
  return found == kernels.end() ? nullptr : *found;
}

}  // namespace

absl::StatusOr<Tuner> Tuner::Make(int device, bool measure, const std::string& cache) {
  cudaDeviceProp properties;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, device), "describing the GPU");
  Tuner tuner;
  tuner.measure_ = measure;
  tuner.multiprocessors_ = properties.multiProcessorCount;
  ACTIUM_ASSIGN_OR_RETURN(tuner.machine_, DescribeMachine(properties));
  if (measure && !cache.empty()) {
    tuner.file_ = fs::path(cache) / FileName(properties.name);
    tuner.Read();
  }
  return tuner;
}

void Tuner::Read() {
  std::ifstream file(file_);
  std::string line;
  if (!std::getline(file, line) || line != machine_) return;
  while (std::getline(file, line)) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    chosen_[line.substr(0, tab)] = line.substr(tab + 1);
  }
}

absl::StatusOr<const ContractionKernel*> Tuner::Choose(const ContractionShape& shape,
                                                       const Arithmetics& arithmetics) {
  const auto fitting = FittingKernels(shape, arithmetics, multiprocessors_);
  if (!measure_ || fitting.size() == 1) return fitting.front();
  std::string& chosen = chosen_[KeyOf(shape, arithmetics)];
  if (const ContractionKernel* const known = Find(fitting, chosen)) return known;
  absl::StatusOr<const ContractionKernel*> fastest = FastestKernel(shape, arithmetics, fitting);
  if (absl::IsResourceExhausted(fastest.status())) return fitting.front();
  ACTIUM_RETURN_IF_ERROR(fastest.status());
  chosen = (*fastest)->name;
  changed_ = true;
  return fastest;
}

absl::Status Tuner::Save() const {
  if (!changed_ || file_.empty()) return absl::OkStatus();
  std::error_code error;
  fs::create_directories(fs::path(file_).parent_path(), error);
  // Whoever reads it at the same time finds the old file or the new one.
  const std::string unfinished = file_ + ".unfinished";
  std::ofstream stream(unfinished, std::ios::trunc);
  stream << machine_ << '\n';
  for (const auto& [key, kernel] : chosen_) {
    if (!kernel.empty()) stream << key << '\t' << kernel << '\n';
  }
  stream.close();
  if (!stream.fail()) fs::rename(unfinished, file_, error);
  if (!stream.fail() && !error) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("cannot write {}", file_));
}

}  // namespace actium::cuda
