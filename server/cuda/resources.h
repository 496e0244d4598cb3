#ifndef ACTIUM_SERVER_CUDA_RESOURCES_H_
#define ACTIUM_SERVER_CUDA_RESOURCES_H_

#include <cuda_runtime.h>

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

/// What CUDA gives out, owned: freed by destructors, on whatever thread. An error while freeing is
/// not reported: after a sticky error every call fails, and the driver frees all in the end.
namespace actium::cuda {

/// Makes a device the calling thread's. Errors: FAILED_PRECONDITION.
absl::Status UseDevice(int device);

/// The same before something of that device is freed by a thread that may have had none: CUDA would
/// take a few hundred MB of the first device for it. Errors are of no use then.
void UseDeviceToFree(int device);

namespace internal {
struct FreeDevice {
  void operator()(std::byte* memory) const { cudaFree(memory); }
};
struct FreePinned {
  void operator()(std::byte* memory) const { cudaFreeHost(memory); }
};
template <class Handle, cudaError_t (*kDestroy)(Handle)>
struct Destroy {
  using pointer = Handle;  // NOLINT(readability-identifier-naming): unique_ptr looks for it.
  void operator()(Handle handle) const { kDestroy(handle); }
};
}  // namespace internal

using DeviceMemory = std::unique_ptr<std::byte, internal::FreeDevice>;
using PinnedMemory = std::unique_ptr<std::byte, internal::FreePinned>;
using Stream = std::unique_ptr<cudaStream_t, internal::Destroy<cudaStream_t, cudaStreamDestroy>>;
using Event = std::unique_ptr<cudaEvent_t, internal::Destroy<cudaEvent_t, cudaEventDestroy>>;
using CapturedGraph =
    std::unique_ptr<cudaGraph_t, internal::Destroy<cudaGraph_t, cudaGraphDestroy>>;
using GraphExec =
    std::unique_ptr<cudaGraphExec_t, internal::Destroy<cudaGraphExec_t, cudaGraphExecDestroy>>;

/// All of these are for the calling thread's device. what: for messages, as "the weights".
///
/// Errors: RESOURCE_EXHAUSTED names what was needed and what is free; INTERNAL, UNAVAILABLE.

/// On 256 bytes; null for 0 bytes.
absl::StatusOr<DeviceMemory> NewDeviceMemory(size_t bytes, std::string_view what);
/// Host memory that copies of a stream reach directly; null for 0 bytes.
absl::StatusOr<PinnedMemory> NewPinnedMemory(size_t bytes, std::string_view what);
absl::StatusOr<Stream> NewStream();
/// timed: for cudaEventElapsedTime(). Whoever waits for it sleeps.
absl::StatusOr<Event> NewEvent(bool timed);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_RESOURCES_H_
