#ifndef ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_RUNTIME_H_
#define ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_RUNTIME_H_

// Takes the place of CUDA's header of the same name where kernels are compiled for the CPU.

#include "server/cuda/host/device_language.h"
#include "server/cuda/host/launch.h"
#include "server/cuda/host/runtime_api.h"
#include "server/cuda/host/vector_types.h"

#endif  // ACTIUM_SERVER_CUDA_HOST_INCLUDE_CUDA_RUNTIME_H_
