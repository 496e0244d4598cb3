#ifndef ACTIUM_SERVER_CUDA_HOST_CONTROL_H_
#define ACTIUM_SERVER_CUDA_HOST_CONTROL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "server/cuda/host/runtime_api.h"

/// What a test does with the stand-in, and asks it. Thread-safe.
///
/// A process that a test starts is told by its environment, which is read at the first call:
///   ACTIUM_CUDA_HOST_DEVICES  number of devices, [-1, 64], 1 if unset: see SetDeviceCount();
///   ACTIUM_CUDA_HOST_FAULT    "CALL@N=CODE", several with commas between: as InjectFault() with
///                             nth = N, error = CODE, and sticky for codes that break a context.
/// Other text there ends the process with a message.
namespace actium::cuda::host {

/// A failure to come.
struct Fault {
  std::string call;  ///< A function of the API, or "kernel": the execution of a kernel.
  int64_t nth = 1;   ///< Which of these calls from now on fails, >= 1; that one only.
  cudaError_t error = cudaErrorUnknown;
  /// Whether all later calls of the process fail with the same code, and nothing in a stream is run
  /// any more, as when a real context is broken.
  bool sticky = false;
};

/// Makes one call fail, without any other effect; that of "kernel" is told by the stream's next
/// synchronisation. Ends the process if the call is unknown.
void InjectFault(const Fault& fault);

/// How often each function that can fail was called, and "kernel" executed; failures count.
std::map<std::string, int64_t> CallCounts();

/// What was made and not destroyed.
struct ObjectCounts {
  int64_t device_allocations = 0, host_allocations = 0;
  int64_t streams = 0, events = 0, graphs = 0, graph_execs = 0;

  bool operator==(const ObjectCounts&) const = default;
};
ObjectCounts LiveObjects();

/// The order in which lanes of a warp and warps of a block run, from the next kernel on: ascending
/// for 0, otherwise a permutation by this seed.
void SetLaneOrder(uint64_t seed);

/// The relative errors that fast exponentials and reciprocals have from now on, all the same; 0 at
/// first. Hardware has up to 2^-22 and 2^-23, of either sign.
void SetFastMathErrors(float exp2, float reciprocal);

/// How much cudaMalloc() may hand out in all; 4 GiB at first.
void SetDeviceMemory(size_t bytes);

/// 0: there is none (cudaErrorNoDevice). -1: there is no driver (cudaErrorInsufficientDriver).
void SetDeviceCount(int count);

/// Makes everything as at the process's start, the environment unread: objects are destroyed,
/// faults, counts, a broken context and this thread's last error forgotten. Only while no other
/// thread uses the stand-in and no stream captures.
void Reset();

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_CONTROL_H_
