#ifndef ACTIUM_SERVER_CUDA_POINTWISE_H_
#define ACTIUM_SERVER_CUDA_POINTWISE_H_

#include <cuda_runtime.h>

#include <cstdint>

#include "server/cuda/program.h"
#include "server/cuda/storage.h"

namespace actium::cuda {

/// Runs a program over a tensor: y[i] = program at i, for i in [0, count).
struct PointwiseArguments {
  Program program = {};
  const void* x = nullptr;  ///< What the first step finds computed; null: it reads operands only.
  void* y = nullptr;        ///< On 16 bytes. May be x or an operand's memory.
  uint32_t count = 0;       ///< >= 1.
};

/// Puts it into a stream. Reads and writes 128 bits at a time if all periods of the program's
/// constants allow it, otherwise number by number. Errors: those of a launch.
cudaError_t RunPointwise(Storage storage, const PointwiseArguments& arguments, cudaStream_t stream);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_POINTWISE_H_
