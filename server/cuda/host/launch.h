#ifndef ACTIUM_SERVER_CUDA_HOST_LAUNCH_H_
#define ACTIUM_SERVER_CUDA_HOST_LAUNCH_H_

#include <functional>
#include <tuple>
#include <utility>

#include "server/cuda/host/runtime_api.h"

namespace actium::cuda::host {

/// Launches a kernel; `lane` is what each lane does. kernel: its address, by which attributes know
/// it.
///
/// Errors: cudaErrorInvalidConfiguration for a grid or block that no device takes,
/// cudaErrorInvalidValue for more dynamic shared memory than the kernel may have.
cudaError_t Launch(const cudaLaunchConfig_t* config, const void* kernel,
                   std::function<void()> lane);

}  // namespace actium::cuda::host

/// Arguments are converted and copied now; each lane gets copies of these copies.
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(  // NOLINT(readability-identifier-naming)
    const cudaLaunchConfig_t* config, void (*kernel)(Parameters...), Arguments&&... arguments) {
  static_assert(sizeof...(Parameters) == sizeof...(Arguments));
  return actium::cuda::host::Launch(
      config, reinterpret_cast<const void*>(kernel),
      [kernel, copies = std::tuple<Parameters...>(std::forward<Arguments>(arguments)...)] {
        std::apply(kernel, copies);
      });
}

#endif  // ACTIUM_SERVER_CUDA_HOST_LAUNCH_H_
