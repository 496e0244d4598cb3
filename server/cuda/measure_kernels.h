#ifndef ACTIUM_SERVER_CUDA_MEASURE_KERNELS_H_
#define ACTIUM_SERVER_CUDA_MEASURE_KERNELS_H_

#include <span>

#include "absl/status/statusor.h"
#include "server/cuda/contraction.h"

namespace actium::cuda {

/// Runs kernels on the calling thread's device and returns the one with the smallest median time,
/// of rounds in which each runs once. All must give the reference's results, up to rounding, under
/// Mish and on numbers that take it to both of its ends.
///
/// kernels: at least one, all fit. Errors: RESOURCE_EXHAUSTED, UNAVAILABLE; INTERNAL also for a
/// kernel whose results differ: names it and both numbers.
absl::StatusOr<const ContractionKernel*> FastestKernel(
    const ContractionShape& shape, const Arithmetics& arithmetics,
    std::span<const ContractionKernel* const> kernels);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_MEASURE_KERNELS_H_
