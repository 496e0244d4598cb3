#ifndef ACTIUM_SERVER_CUDA_LAUNCH_H_
#define ACTIUM_SERVER_CUDA_LAUNCH_H_

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>

namespace actium::cuda {

/// A launch in one dimension: `blocks` blocks of `threads` threads.
struct Grid {
  int64_t blocks = 1;    ///< In [1, 2^31).
  int threads = 1;       ///< In [1, 1024].
  int shared_bytes = 0;  ///< Of dynamic shared memory, for each block.
};

/// Returns how many parts of `size` cover `total`.
constexpr int64_t DivideUp(int64_t total, int64_t size) { return (total + size - 1) / size; }

/// A thread for each of `count` things.
inline Grid OneThreadEach(int64_t count, int threads = 256) {
  return {.blocks = DivideUp(count, threads), .threads = threads};
}

/// Puts a kernel into a stream; its arguments are copied. Errors: those of cudaLaunchKernelExC.
template <class... Parameters, class... Arguments>
cudaError_t Launch(cudaStream_t stream, const Grid& grid, void (*kernel)(Parameters...),
                   Arguments&&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>(grid.blocks));
  config.blockDim = dim3(static_cast<unsigned>(grid.threads));
  config.dynamicSmemBytes = static_cast<size_t>(grid.shared_bytes);
  config.stream = stream;
  return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_LAUNCH_H_
