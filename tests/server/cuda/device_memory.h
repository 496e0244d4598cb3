#ifndef ACTIUM_TESTS_SERVER_CUDA_DEVICE_MEMORY_H_
#define ACTIUM_TESTS_SERVER_CUDA_DEVICE_MEMORY_H_

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace actium::test {

/// Gives tests device memory by CUDA's calls alone, so of the stand-in as of a GPU. Calls that fail
/// fail the test. Thread-safe.
///
/// A fixture that derives from it frees the memory when a test ends: by FreeAllocated(), or with
/// all else that the stand-in has.
class DeviceMemoryTest : public ::testing::Test {
 protected:
  template <class T>
  T* Allocate(size_t count) {
    T* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, count * sizeof(T)), cudaSuccess);
    const std::lock_guard lock(mutex_);
    allocated_.push_back(memory);
    return memory;
  }

  template <class T>
  T* Upload(const std::vector<T>& values) {
    T* const memory = Allocate<T>(values.size());
    EXPECT_EQ(cudaMemcpy(memory, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice),
              cudaSuccess);
    return memory;
  }

  /// After all work of blocking streams.
  template <class T>
  std::vector<T> Download(const T* memory, size_t count) {
    std::vector<T> values(count);
    EXPECT_EQ(cudaMemcpy(values.data(), memory, count * sizeof(T), cudaMemcpyDeviceToHost),
              cudaSuccess);
    return values;
  }

  void FreeAllocated() {
    const std::lock_guard lock(mutex_);
    for (void* const memory : std::exchange(allocated_, {})) {
      EXPECT_EQ(cudaFree(memory), cudaSuccess);
    }
  }

 private:
  std::mutex mutex_;
  std::vector<void*> allocated_;  // In this test, and not freed by FreeAllocated().
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_DEVICE_MEMORY_H_
