#include "server/cuda/tuner.h"

#include "server/cuda/status.h"

namespace actium::cuda {

absl::StatusOr<Tuner> Tuner::Make(int device, bool measure, const std::string&) {
  cudaDeviceProp properties;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, device), "describing the GPU");
  Tuner tuner;
  tuner.measure_ = measure;
  tuner.multiprocessors_ = properties.multiProcessorCount;
  return tuner;
}

absl::StatusOr<const ContractionKernel*> Tuner::Choose(const ContractionShape& shape,
                                                       const Arithmetics& arithmetics) {
  return FittingKernels(shape, arithmetics, multiprocessors_).front();
}

absl::Status Tuner::Save() const { return absl::OkStatus(); }

}  // namespace actium::cuda
