#include <algorithm>
#include <iterator>

#include "server/cuda/host/runtime_api.h"

namespace {

struct Error {
  cudaError_t code;
  const char* name;
  const char* text;
};

#define ACTIUM_ERROR(code, text) \
  { code, #code, text }

constexpr Error kErrors[] = {
    ACTIUM_ERROR(cudaSuccess, "no error"),
    ACTIUM_ERROR(cudaErrorInvalidValue, "invalid argument"),
    ACTIUM_ERROR(cudaErrorMemoryAllocation, "out of memory"),
    ACTIUM_ERROR(cudaErrorInitializationError, "initialization error"),
    ACTIUM_ERROR(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    ACTIUM_ERROR(cudaErrorInvalidMemcpyDirection, "invalid copy direction for memcpy"),
    ACTIUM_ERROR(cudaErrorInsufficientDriver,
                 "CUDA driver version is insufficient for CUDA runtime version"),
    ACTIUM_ERROR(cudaErrorInvalidDeviceFunction, "invalid device function"),
    ACTIUM_ERROR(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    ACTIUM_ERROR(cudaErrorInvalidDevice, "invalid device ordinal"),
    ACTIUM_ERROR(cudaErrorNoKernelImageForDevice,
                 "no kernel image is available for execution on the device"),
    ACTIUM_ERROR(cudaErrorECCUncorrectable, "uncorrectable ECC error encountered"),
    ACTIUM_ERROR(cudaErrorNvlinkUncorrectable,
                 "uncorrectable NVLink error detected during the execution"),
    ACTIUM_ERROR(cudaErrorContained,
                 "Invalid access of peer GPU memory over nvlink or a hardware error"),
    ACTIUM_ERROR(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    ACTIUM_ERROR(cudaErrorIllegalState, "the operation cannot be performed in the present state"),
    ACTIUM_ERROR(cudaErrorNotReady, "device not ready"),
    ACTIUM_ERROR(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    ACTIUM_ERROR(cudaErrorLaunchOutOfResources, "too many resources requested for launch"),
    ACTIUM_ERROR(cudaErrorLaunchTimeout, "the launch timed out and was terminated"),
    ACTIUM_ERROR(cudaErrorContextIsDestroyed, "context is destroyed"),
    ACTIUM_ERROR(cudaErrorAssert, "device-side assert triggered"),
    ACTIUM_ERROR(cudaErrorHardwareStackError, "hardware stack error"),
    ACTIUM_ERROR(cudaErrorIllegalInstruction, "an illegal instruction was encountered"),
    ACTIUM_ERROR(cudaErrorMisalignedAddress, "misaligned address"),
    ACTIUM_ERROR(cudaErrorInvalidAddressSpace,
                 "operation not supported on global/shared address space"),
    ACTIUM_ERROR(cudaErrorInvalidPc, "invalid program counter"),
    ACTIUM_ERROR(cudaErrorLaunchFailure, "unspecified launch failure"),
    ACTIUM_ERROR(cudaErrorTensorMemoryLeak, "tensor memory leaked"),
    ACTIUM_ERROR(cudaErrorMpsClientTerminated, "MPS client terminated"),
    ACTIUM_ERROR(cudaErrorExternalDevice, "an async error has occurred in external entity"),
    ACTIUM_ERROR(cudaErrorNotSupported, "operation not supported"),
    ACTIUM_ERROR(cudaErrorStreamCaptureUnsupported,
                 "operation not permitted when stream is capturing"),
    ACTIUM_ERROR(cudaErrorStreamCaptureInvalidated,
                 "operation failed due to a previous error during capture"),
    ACTIUM_ERROR(cudaErrorStreamCaptureIsolation,
                 "dependency created on uncaptured work in another stream"),
    ACTIUM_ERROR(cudaErrorStreamCaptureImplicit,
                 "operation would make the legacy stream depend on a capturing blocking stream"),
    ACTIUM_ERROR(cudaErrorCapturedEvent,
                 "operation not permitted on an event last recorded in a capturing stream"),
    ACTIUM_ERROR(cudaErrorStreamCaptureWrongThread,
                 "attempt to terminate a thread-local capture sequence from another thread"),
    ACTIUM_ERROR(cudaErrorUnknown, "unknown error"),
};

#undef ACTIUM_ERROR

constexpr Error kUnrecognized = {cudaErrorUnknown, "unrecognized error code",
                                 "unrecognized error code"};

const Error& Find(cudaError_t code) {
  const auto* const found = std::find_if(std::begin(kErrors), std::end(kErrors),
                                         [&](const Error& error) { return error.code == code; });
  return found != std::end(kErrors) ? *found : kUnrecognized;
}

}  // namespace

const char* cudaGetErrorName(cudaError_t error) { return Find(error).name; }
const char* cudaGetErrorString(cudaError_t error) { return Find(error).text; }
