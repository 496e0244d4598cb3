#include "server/cuda/host/call.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "server/base/mutex.h"
#include "server/cuda/host/control.h"

namespace actium::cuda::host {
namespace {

constexpr std::string_view kFunctions[] = {
    "cudaDeviceSynchronize",
    "cudaEventCreateWithFlags",
    "cudaEventDestroy",
    "cudaEventElapsedTime",
    "cudaEventQuery",
    "cudaEventRecord",
    "cudaEventSynchronize",
    "cudaFree",
    "cudaFreeHost",
    "cudaFuncSetAttribute",
    "cudaGetDevice",
    "cudaGetDeviceCount",
    "cudaGetDeviceProperties",
    "cudaGraphDestroy",
    "cudaGraphExecDestroy",
    "cudaGraphGetNodes",
    "cudaGraphInstantiate",
    "cudaGraphLaunch",
    "cudaHostAlloc",
    "cudaLaunchHostFunc",
    "cudaLaunchKernelEx",
    "cudaMalloc",
    "cudaMallocHost",
    "cudaMemGetInfo",
    "cudaMemcpy",
    "cudaMemcpyAsync",
    "cudaMemsetAsync",
    "cudaSetDevice",
    "cudaStreamBeginCapture",
    "cudaStreamCreateWithFlags",
    "cudaStreamDestroy",
    "cudaStreamEndCapture",
    "cudaStreamIsCapturing",
    "cudaStreamQuery",
    "cudaStreamSynchronize",
    "cudaStreamWaitEvent",
    "kernel",
};

// After these, a real context is of no use any more.
constexpr int kBreaking[] = {214, 700, 702, 710, 714, 715, 716, 717, 718, 719};

struct State {
  base::Mutex mutex;
  std::optional<int> device_count ABSL_GUARDED_BY(mutex);
  bool environment_read ABSL_GUARDED_BY(mutex) = false;
  std::map<std::string, int64_t> counts ABSL_GUARDED_BY(mutex);
  std::vector<Fault> faults ABSL_GUARDED_BY(mutex);  // nth counts down.
  std::atomic<cudaError_t> broken = cudaSuccess;
};

State& TheState() {
  static State& state = *new State;  // Streams' threads may outlive static objects.
  return state;
}

thread_local cudaError_t last_error = cudaSuccess;
thread_local int device_of_thread = 0;

bool IsFunction(std::string_view name) {
  return std::find(std::begin(kFunctions), std::end(kFunctions), name) != std::end(kFunctions);
}

[[noreturn]] void Refuse(const std::string& problem) {
  std::fprintf(stderr, "CUDA stand-in: %s\n", problem.c_str());
  std::abort();
}

// The number that the whole text is; none if it is something else or out of range.
std::optional<int> ParseInt(std::string_view text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value >= least && value <= most ? std::optional(value) : std::nullopt;
}

Fault ParseFault(std::string_view text) {
  const size_t at = text.find('@'), equals = text.find('=');
  if (at != std::string_view::npos && equals != std::string_view::npos && at < equals) {
    const std::string_view call = text.substr(0, at);
    const auto nth = ParseInt(text.substr(at + 1, equals - at - 1), 1, 1'000'000'000);
    const auto code = ParseInt(text.substr(equals + 1), 1, 999);
    if (IsFunction(call) && nth.has_value() && code.has_value()) {
      const bool sticky =
          std::find(std::begin(kBreaking), std::end(kBreaking), *code) != std::end(kBreaking);
      return {.call = std::string(call),
              .nth = *nth,
              .error = static_cast<cudaError_t>(*code),
              .sticky = sticky};
    }
  }
  Refuse(fmt::format("ACTIUM_CUDA_HOST_FAULT must be CALL@N=CODE with commas between, got '{}'",
                     text));
}

void ReadEnvironment(State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  if (state.environment_read) return;
  state.environment_read = true;
  const char* const devices = std::getenv("ACTIUM_CUDA_HOST_DEVICES");
  if (devices != nullptr && !state.device_count.has_value()) {
    state.device_count = ParseInt(devices, -1, 64);
    if (!state.device_count.has_value()) {
      Refuse(
          fmt::format("ACTIUM_CUDA_HOST_DEVICES must be a number in [-1, 64], got '{}'", devices));
    }
  }
  const char* const faults = std::getenv("ACTIUM_CUDA_HOST_FAULT");
  std::string_view rest = faults != nullptr ? faults : "";
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    state.faults.push_back(ParseFault(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

// Counts a call, and returns the fault that is due.
cudaError_t CountAndFail(State& state, const char* function)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  ++state.counts[function];
  cudaError_t error = cudaSuccess;
  std::erase_if(state.faults, [&](Fault& fault) {
    if (fault.call != function || --fault.nth > 0) return false;
    error = fault.error;
    if (fault.sticky) Break(fault.error);
    return true;
  });
  return error;
}

// Why no call can work; cudaSuccess if one can.
cudaError_t CheckDevice(const State& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  const int count = state.device_count.value_or(1);
  if (count < 0) return cudaErrorInsufficientDriver;
  return count == 0 ? cudaErrorNoDevice : cudaSuccess;
}

}  // namespace

cudaError_t Enter(const char* function) {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  ReadEnvironment(state);
  const cudaError_t broken = Broken();
  const cudaError_t fault = CountAndFail(state, function);
  if (broken != cudaSuccess) return broken;
  const cudaError_t no_device = CheckDevice(state);
  return no_device != cudaSuccess ? no_device : fault;
}

cudaError_t EnterKernel() {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  return CountAndFail(state, "kernel");
}

cudaError_t Remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

cudaError_t Broken() { return TheState().broken; }

void Break(cudaError_t error) {
  cudaError_t none = cudaSuccess;
  TheState().broken.compare_exchange_strong(none, error);
}

int DeviceCount() {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  ReadEnvironment(state);
  return state.device_count.value_or(1);
}

int DeviceOfThread() { return device_of_thread; }
void SetDeviceOfThread(int device) { device_of_thread = device; }

void ResetCalls() {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  state.device_count.reset();
  state.environment_read = false;
  state.counts.clear();
  state.faults.clear();
  state.broken = cudaSuccess;
  last_error = cudaSuccess;
  device_of_thread = 0;
}

void InjectFault(const Fault& fault) {
  if (!IsFunction(fault.call) || fault.nth < 1) {
    Refuse(fmt::format("there is no fault {}@{}", fault.call, fault.nth));
  }
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  state.faults.push_back(fault);
}

std::map<std::string, int64_t> CallCounts() {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  return state.counts;
}

void SetDeviceCount(int count) {
  State& state = TheState();
  base::MutexLock lock(state.mutex);
  state.device_count = count;
}

}  // namespace actium::cuda::host

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  actium::cuda::host::last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError() {
  const cudaError_t broken = actium::cuda::host::Broken();
  return broken != cudaSuccess ? broken : actium::cuda::host::last_error;
}
