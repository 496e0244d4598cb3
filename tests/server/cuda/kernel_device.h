#ifndef ACTIUM_TESTS_SERVER_CUDA_KERNEL_DEVICE_H_
#define ACTIUM_TESTS_SERVER_CUDA_KERNEL_DEVICE_H_

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>

/// What tests of single kernels run on: the stand-in (kernel_device_stand_in.cc) or a GPU
/// (kernel_device_gpu.cc), whichever their program is linked with. They are compiled with the
/// headers of that one. The stand-in can be told how to behave, and a GPU has one way only.
namespace actium::test {

extern const bool kOnGpu;

/// Skips a test of what only the stand-in does when it is told to.
#define ACTIUM_SKIP_ON_GPU() \
  if (::actium::test::kOnGpu) GTEST_SKIP() << "it controls the stand-in, and this is a GPU"

/// Takes back everything below, selects device 0 and forgets this thread's last error. On the
/// stand-in frees all memory, too.
void ResetDevice();

/// The orders in which lanes are to be tried: several, or the one that a GPU has.
std::span<const uint64_t> LaneOrders();

/// Takes one of LaneOrders() from the next kernel on.
void SetLaneOrder(uint64_t order);

/// Relative errors of fast exponentials and reciprocals.
struct FastMath {
  float exp2, reciprocal;
};

/// Those that are to be tried: of every sign, or those that a GPU has, for which {0, 0} stands.
std::span<const FastMath> FastMathErrors();

/// Takes one of FastMathErrors() from the next kernel on.
void SetFastMathErrors(const FastMath& errors);

/// Returns how many devices there are; at least two on the stand-in.
int CountDevices();

/// Makes the next call of a function of CUDA's fail. Not on a GPU: see ACTIUM_SKIP_ON_GPU().
void FailNext(const std::string& function, cudaError_t error);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_KERNEL_DEVICE_H_
