#include "server/cuda/resources.h"

#include "fmt/format.h"
#include "server/cuda/status.h"

namespace actium::cuda {

absl::Status UseDevice(int device) {
  return ToStatus(cudaSetDevice(device), fmt::format("using GPU {}", device));
}

void UseDeviceToFree(int device) { cudaSetDevice(device); }

absl::StatusOr<DeviceMemory> NewDeviceMemory(size_t bytes, std::string_view what) {
  if (bytes == 0) return DeviceMemory();
  void* memory = nullptr;
  const cudaError_t error = cudaMalloc(&memory, bytes);
  if (error == cudaSuccess) return DeviceMemory(static_cast<std::byte*>(memory));
  if (error != cudaErrorMemoryAllocation)
    return ToStatus(error, fmt::format("memory for {}", what));
  cudaGetLastError();  // The failure is told here; no later call shall find it.
  size_t free = 0;
  size_t total = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaMemGetInfo(&free, &total), "asking for free memory");
  return absl::ResourceExhaustedError(fmt::format(
      "{}: {} bytes of GPU memory are needed, {} of {} are free", what, bytes, free, total));
}

absl::StatusOr<PinnedMemory> NewPinnedMemory(size_t bytes, std::string_view what) {
  if (bytes == 0) return PinnedMemory();
  void* memory = nullptr;
  const cudaError_t error = cudaHostAlloc(&memory, bytes, cudaHostAllocDefault);
  if (error == cudaSuccess) return PinnedMemory(static_cast<std::byte*>(memory));
  if (error != cudaErrorMemoryAllocation)
    return ToStatus(error, fmt::format("memory for {}", what));
  cudaGetLastError();
  return absl::ResourceExhaustedError(
      fmt::format("{}: there are no {} bytes of page-locked memory", what, bytes));
}

absl::StatusOr<Stream> NewStream() {
  cudaStream_t stream = nullptr;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking),
                              "making a stream");
  return Stream(stream);
}

absl::StatusOr<Event> NewEvent(bool timed) {
  cudaEvent_t event = nullptr;
  const unsigned flags =
      cudaEventBlockingSync | (timed ? cudaEventDefault : cudaEventDisableTiming);
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventCreateWithFlags(&event, flags), "making an event");
  return Event(event);
}

}  // namespace actium::cuda
