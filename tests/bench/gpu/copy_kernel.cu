#include "server/cuda/launch.h"
#include "tests/bench/gpu/copy_kernel.h"

namespace actium::bench {
namespace {

constexpr int kThreads = 256;
constexpr int kVectors = 4;  // In flight at once for each thread.

__global__ void __launch_bounds__(kThreads)
    CopyKernel(const uint4* from, uint4* to, uint32_t count) {
  const uint32_t first = blockIdx.x * kThreads * kVectors + threadIdx.x;
  uint4 vectors[kVectors];
#pragma unroll
  for (int i = 0; i < kVectors; ++i) {
    if (first + i * kThreads < count) vectors[i] = from[first + i * kThreads];
  }
#pragma unroll
  for (int i = 0; i < kVectors; ++i) {
    if (first + i * kThreads < count) to[first + i * kThreads] = vectors[i];
  }
}

}  // namespace

cudaError_t RunCopy(const void* from, void* to, size_t bytes, cudaStream_t stream) {
  const auto count = static_cast<uint32_t>(bytes / sizeof(uint4));
  return cuda::Launch(stream, cuda::OneThreadEach(cuda::DivideUp(count, kVectors), kThreads),
                      CopyKernel, static_cast<const uint4*>(from), static_cast<uint4*>(to), count);
}

}  // namespace actium::bench
