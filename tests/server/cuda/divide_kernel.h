#ifndef ACTIUM_TESTS_SERVER_CUDA_DIVIDE_KERNEL_H_
#define ACTIUM_TESTS_SERVER_CUDA_DIVIDE_KERNEL_H_

#include <cuda_runtime.h>

#include <cstdint>

#include "server/cuda/program.h"

namespace actium::test {

/// Divisions as kernels do them (run_program.h), each by a divisor of its own: `count` of each, in
/// device memory.
struct Divisions {
  const uint32_t* dividends = nullptr;
  const cuda::Divisor* divisors = nullptr;
  uint32_t* quotients = nullptr;
  uint32_t* remainders = nullptr;
  uint32_t count = 0;  ///< >= 1.
};

/// Puts them into the default stream. Errors: those of a launch.
cudaError_t RunDivisions(const Divisions& divisions);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_DIVIDE_KERNEL_H_
