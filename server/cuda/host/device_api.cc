// What there is to know of the device, and the launch of kernels.

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "server/base/mutex.h"
#include "server/cuda/host/block.h"
#include "server/cuda/host/call.h"
#include "server/cuda/host/control.h"
#include "server/cuda/host/launch.h"
#include "server/cuda/host/runtime.h"

namespace actium::cuda::host {
namespace {

// Of compute capability 9.0.
constexpr unsigned int kMaxThreads = 1024;
constexpr unsigned int kMaxBlock[] = {1024, 1024, 64};
constexpr unsigned int kMaxGrid[] = {2147483647, 65535, 65535};
constexpr size_t kSharedBytes = size_t{48} << 10;
constexpr size_t kMostSharedBytes = size_t{227} << 10;

// The dynamic shared memory that kernels may have, where it was raised: by device and kernel.
struct SharedLimits {
  base::Mutex mutex;
  std::map<std::pair<int, const void*>, size_t> bytes ABSL_GUARDED_BY(mutex);

  static SharedLimits& Get() {
    static SharedLimits& limits = *new SharedLimits;  // Streams' threads may outlive statics.
    return limits;
  }

  size_t Of(const void* kernel) {
    base::MutexLock lock(mutex);
    const auto found = bytes.find({DeviceOfThread(), kernel});
    return found != bytes.end() ? found->second : kSharedBytes;
  }
};

bool IsWithin(const dim3& size, const unsigned int (&most)[3]) {
  return size.x >= 1 && size.y >= 1 && size.z >= 1 && size.x <= most[0] && size.y <= most[1] &&
         size.z <= most[2];
}

cudaError_t Check(const cudaLaunchConfig_t& config, const void* kernel) {
  const dim3& block = config.blockDim;
  if (!IsWithin(config.gridDim, kMaxGrid) || !IsWithin(block, kMaxBlock) ||
      block.x * block.y * block.z > kMaxThreads) {
    return cudaErrorInvalidConfiguration;
  }
  return config.dynamicSmemBytes <= SharedLimits::Get().Of(kernel) ? cudaSuccess
                                                                   : cudaErrorInvalidValue;
}

cudaError_t Execute(const cudaLaunchConfig_t& config, const std::function<void()>& lane) {
  const cudaError_t fault = EnterKernel();
  if (fault != cudaSuccess) return fault;
  RunGrid(config.gridDim, config.blockDim, config.dynamicSmemBytes, lane);
  return cudaSuccess;
}

}  // namespace

cudaError_t Launch(const cudaLaunchConfig_t* config, const void* kernel,
                   std::function<void()> lane) {
  return Call("cudaLaunchKernelEx", [&] {
    if (config == nullptr || kernel == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = Check(*config, kernel); error != cudaSuccess) return error;
    const std::shared_ptr<Stream> stream = Runtime::Get().FindStream(config->stream);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    return Runtime::Get().Submit(
        stream, {[config = *config, lane = std::move(lane)] { return Execute(config, lane); }});
  });
}

void SetLaneOrder(uint64_t seed) { SetOrderSeed(seed); }

void Reset() {
  Runtime::Get().Reset();
  ResetCalls();
  SetOrderSeed(0);
  SharedLimits& limits = SharedLimits::Get();
  base::MutexLock lock(limits.mutex);
  limits.bytes.clear();
}

}  // namespace actium::cuda::host

using namespace actium::cuda::host;  // NOLINT(google-build-using-namespace): CUDA's names are
                                     // global.

cudaError_t cudaGetDeviceCount(int* count) {
  if (count != nullptr) *count = 0;
  return Call("cudaGetDeviceCount", [&] {
    if (count == nullptr) return cudaErrorInvalidValue;
    *count = DeviceCount();
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int device) {
  return Call("cudaSetDevice", [&] {
    if (device < 0 || device >= DeviceCount()) return cudaErrorInvalidDevice;
    SetDeviceOfThread(device);
    return cudaSuccess;
  });
}

cudaError_t cudaGetDevice(int* device) {
  return Call("cudaGetDevice", [&] {
    if (device == nullptr) return cudaErrorInvalidValue;
    *device = DeviceOfThread();
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return Call("cudaGetDeviceProperties", [&] {
    if (properties == nullptr) return cudaErrorInvalidValue;
    if (device < 0 || device >= DeviceCount()) return cudaErrorInvalidDevice;
    *properties = cudaDeviceProp{};
    cudaDeviceProp& to = *properties;
    std::strcpy(to.name, "CUDA stand-in");
    const std::string uuid = fmt::format("stand-in-{:07}", device);
    std::copy_n(uuid.begin(), sizeof(to.uuid.bytes), to.uuid.bytes);
    size_t free_bytes = 0;
    Runtime::Get().memory.GetInfo(&free_bytes, &to.totalGlobalMem);
    to.sharedMemPerBlock = kSharedBytes;
    to.sharedMemPerBlockOptin = kMostSharedBytes;
    to.sharedMemPerMultiprocessor = size_t{228} << 10;
    to.regsPerBlock = to.regsPerMultiprocessor = 65536;
    to.warpSize = kWarpLanes;
    to.maxThreadsPerBlock = kMaxThreads;
    to.maxThreadsPerMultiProcessor = 2048;
    std::copy_n(kMaxBlock, 3, to.maxThreadsDim);
    std::copy_n(kMaxGrid, 3, to.maxGridSize);
    to.totalConstMem = 65536;
    to.major = 9;
    to.minor = 0;
    to.multiProcessorCount = 1;
    to.pciBusID = device;
    to.asyncEngineCount = 1;
    to.l2CacheSize = 1 << 20;
    return cudaSuccess;
  });
}

cudaError_t cudaDriverGetVersion(int* version) {
  if (version == nullptr) return Remember(cudaErrorInvalidValue);
  *version = DeviceCount() >= 0 ? CUDART_VERSION : 0;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return Remember(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  return Call("cudaMemGetInfo", [&] {
    if (free_bytes == nullptr || total_bytes == nullptr) return cudaErrorInvalidValue;
    Runtime::Get().memory.GetInfo(free_bytes, total_bytes);
    return cudaSuccess;
  });
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  return Call("cudaFuncSetAttribute", [&] {
    if (function == nullptr) return cudaErrorInvalidDeviceFunction;
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        static_cast<size_t>(value) > kMostSharedBytes) {
      return cudaErrorInvalidValue;
    }
    SharedLimits& limits = SharedLimits::Get();
    actium::base::MutexLock lock(limits.mutex);
    limits.bytes[{DeviceOfThread(), function}] = static_cast<size_t>(value);
    return cudaSuccess;
  });
}
