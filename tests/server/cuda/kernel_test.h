#ifndef ACTIUM_TESTS_SERVER_CUDA_KERNEL_TEST_H_
#define ACTIUM_TESTS_SERVER_CUDA_KERNEL_TEST_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "server/cuda/storage.h"
#include "tests/server/cuda/device_memory.h"
#include "tests/server/cuda/kernel_device.h"

namespace actium::test {

/// Every storage, and its name for messages.
inline constexpr cuda::Storage kStorages[] = {cuda::Storage::kFloat, cuda::Storage::kHalf,
                                              cuda::Storage::kBfloat16};
std::string_view NameOf(cuda::Storage storage);

/// Returns the number of a storage's type that is nearest to x, ties to even.
float Rounded(cuda::Storage storage, float x);

/// Returns the number of a 16-bit type that has these bits.
float NumberOfBits(cuda::Storage storage, uint16_t bits);

/// Returns whether two numbers are equal, or both NaN.
bool AreSame(float a, float b);

/// The same, where 0 is not -0. A NaN's sign counts for nothing: processors make it differently.
bool AreSameWithSign(float a, float b);

/// Returns the distance of neighbouring numbers of a storage's type around x, which is finite.
double UnitInLastPlace(cuda::Storage storage, double x);

/// Returns `count` numbers that are multiples of `step` in [-1, 1].
std::vector<float> Multiples(double step, int64_t count, std::mt19937& random);

/// Returns `count` numbers of a normal distribution, rounded to the storage's type.
std::vector<float> NormalNumbers(cuda::Storage storage, int64_t count, std::mt19937& random);

/// For tests that run single kernels, on the device of kernel_device.h.
class KernelTest : public DeviceMemoryTest {
 protected:
  void SetUp() override { ResetDevice(); }
  void TearDown() override { FreeAll(); }

  /// Memory that a kernel writes, with guard bytes on both sides. Under ASan it has none, and ends
  /// where the memory ends.
  struct Guarded {
    std::byte* begin = nullptr;  ///< Of the guards before.
    std::byte* data = nullptr;   ///< On 64 bytes.
    size_t bytes = 0;
  };

  /// Device memory with numbers of the storage's type, exactly as long as they are.
  const void* UploadNumbers(cuda::Storage storage, const std::vector<float>& numbers);

  /// For `count` numbers, all bytes unlike anything that kernels write.
  Guarded AllocateNumbers(cuda::Storage storage, int64_t count);

  /// Waits for all work and returns the numbers; fails the test if a guard was overwritten.
  std::vector<float> ReadNumbers(cuda::Storage storage, const Guarded& memory);

  /// Frees the test's device memory and sets the device back.
  void FreeAll() {
    FreeAllocated();
    ResetDevice();
  }

  /// Writes numbers of the storage's type into the memory.
  static void Fill(cuda::Storage storage, const std::vector<float>& numbers, const Guarded& memory);
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_KERNEL_TEST_H_
