#ifndef ACTIUM_TESTS_BENCH_GPU_COPY_KERNEL_H_
#define ACTIUM_TESTS_BENCH_GPU_COPY_KERNEL_H_

#include <cuda_runtime.h>

#include <cstddef>

namespace actium::bench {

/// Copies device memory by a plain kernel, 128 bits at a time. bytes: a multiple of 16, below 2^35.
cudaError_t RunCopy(const void* from, void* to, size_t bytes, cudaStream_t stream);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_GPU_COPY_KERNEL_H_
