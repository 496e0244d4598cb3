// cudaMalloc and its like, cudaMemcpy*, cudaMemset*.

#include <cstring>

#include "server/cuda/host/call.h"
#include "server/cuda/host/runtime.h"

namespace actium::cuda::host {
namespace {

cudaError_t Allocate(MemoryKind kind, size_t bytes, void** memory) {
  if (memory == nullptr) return cudaErrorInvalidValue;
  const cudaError_t error = Runtime::Get().CheckUnsafeCall();
  return error != cudaSuccess ? error : Runtime::Get().memory.Allocate(kind, bytes, memory);
}

// As CUDA's, after all work that may use it.
cudaError_t Free(MemoryKind kind, void* memory) {
  Runtime& runtime = Runtime::Get();
  if (memory == nullptr) return cudaSuccess;
  if (const cudaError_t error = runtime.CheckUnsafeCall(); error != cudaSuccess) return error;
  runtime.WaitForAll();
  return Broken() != cudaSuccess ? Broken() : runtime.memory.Free(kind, memory);
}

bool IsHost(MemoryKind kind) {
  return kind == MemoryKind::kPageable || kind == MemoryKind::kPinned;
}

// Whether a range is where a copy says that it is.
bool Fits(MemoryKind found, bool on_device) {
  return on_device ? found == MemoryKind::kDevice : IsHost(found);
}

struct Copy {
  void* target;
  const void* source;
  size_t bytes;
  cudaMemcpyKind kind;
};

// Errors: cudaErrorInvalidValue. synchronous: whether pageable memory takes part.
cudaError_t Check(const Copy& copy, bool* synchronous) {
  if (copy.kind < cudaMemcpyHostToHost || copy.kind > cudaMemcpyDefault) {
    return cudaErrorInvalidMemcpyDirection;
  }
  const Memory& memory = Runtime::Get().memory;
  const MemoryKind target = memory.Find(copy.target, copy.bytes);
  const MemoryKind source = memory.Find(copy.source, copy.bytes);
  *synchronous = target == MemoryKind::kPageable || source == MemoryKind::kPageable;
  if (target == MemoryKind::kOverrun || source == MemoryKind::kOverrun)
    return cudaErrorInvalidValue;
  if (copy.kind == cudaMemcpyDefault) return cudaSuccess;
  const bool to_device =
      copy.kind == cudaMemcpyHostToDevice || copy.kind == cudaMemcpyDeviceToDevice;
  const bool from_device =
      copy.kind == cudaMemcpyDeviceToHost || copy.kind == cudaMemcpyDeviceToDevice;
  return Fits(target, to_device) && Fits(source, from_device) ? cudaSuccess : cudaErrorInvalidValue;
}

// Memory may have been freed since the call, above all when a graph is run.
cudaError_t Do(const Copy& copy) {
  bool synchronous = false;
  if (Check(copy, &synchronous) != cudaSuccess) {
    Break(cudaErrorIllegalAddress);
    return cudaErrorIllegalAddress;
  }
  std::memmove(copy.target, copy.source, copy.bytes);
  return cudaSuccess;
}

// stream: null for a copy that always waits.
cudaError_t SubmitCopy(const Copy& copy, cudaStream_t stream, bool wait) {
  Runtime& runtime = Runtime::Get();
  const std::shared_ptr<Stream> found = runtime.FindStream(stream);
  if (found == nullptr) return cudaErrorInvalidResourceHandle;
  if (copy.bytes == 0) return cudaSuccess;
  if (copy.target == nullptr || copy.source == nullptr) return cudaErrorInvalidValue;
  bool synchronous = false;
  if (const cudaError_t error = Check(copy, &synchronous); error != cudaSuccess) return error;
  Fence done;
  const cudaError_t error = runtime.Submit(found, {[copy] { return Do(copy); }}, &done);
  if (error != cudaSuccess) return error;
  if (wait || synchronous) done.Wait();
  return Broken();
}

cudaError_t Fill(void* target, int value, size_t bytes) {
  if (Runtime::Get().memory.Find(target, bytes) != MemoryKind::kDevice) {
    Break(cudaErrorIllegalAddress);
    return cudaErrorIllegalAddress;
  }
  std::memset(target, value, bytes);
  return cudaSuccess;
}

}  // namespace
}  // namespace actium::cuda::host

using namespace actium::cuda::host;  // NOLINT(google-build-using-namespace): CUDA's names are
                                     // global.

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  return Call("cudaMalloc", [&] { return Allocate(MemoryKind::kDevice, bytes, memory); });
}

cudaError_t cudaFree(void* memory) {
  return Call("cudaFree", [&] { return Free(MemoryKind::kDevice, memory); });
}

cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned int flags) {
  return Call("cudaHostAlloc", [&] {
    constexpr unsigned int kKnown =
        cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
    if ((flags & ~kKnown) != 0) return cudaErrorInvalidValue;
    return Allocate(MemoryKind::kPinned, bytes, memory);
  });
}

cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  return Call("cudaMallocHost", [&] { return Allocate(MemoryKind::kPinned, bytes, memory); });
}

cudaError_t cudaFreeHost(void* memory) {
  return Call("cudaFreeHost", [&] { return Free(MemoryKind::kPinned, memory); });
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return Call("cudaMemcpyAsync", [&] {
    return SubmitCopy({.target = target, .source = source, .bytes = bytes, .kind = kind}, stream,
                      /*wait=*/false);
  });
}

cudaError_t cudaMemcpy(void* target, const void* source, size_t bytes, cudaMemcpyKind kind) {
  return Call("cudaMemcpy", [&] {
    const cudaError_t error = Runtime::Get().CheckUnsafeCall();
    if (error != cudaSuccess) return error;
    return SubmitCopy({.target = target, .source = source, .bytes = bytes, .kind = kind}, nullptr,
                      /*wait=*/true);
  });
}

cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream) {
  return Call("cudaMemsetAsync", [&] {
    Runtime& runtime = Runtime::Get();
    const std::shared_ptr<Stream> found = runtime.FindStream(stream);
    if (found == nullptr) return cudaErrorInvalidResourceHandle;
    if (bytes == 0) return cudaSuccess;
    if (runtime.memory.Find(target, bytes) != MemoryKind::kDevice) return cudaErrorInvalidValue;
    return runtime.Submit(found, {[=] { return Fill(target, value, bytes); }});
  });
}
