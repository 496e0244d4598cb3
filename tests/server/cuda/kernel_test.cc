#include "tests/server/cuda/kernel_test.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "server/cuda/host/half_bits.h"

namespace actium::test {
namespace {

using cuda::BytesOf;
using cuda::Storage;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACTIUM_ASAN 1
#endif
#endif
#if defined(ACTIUM_ASAN) || defined(__SANITIZE_ADDRESS__)
constexpr size_t kGuardBytes = 0;
#else
constexpr size_t kGuardBytes = 64;
#endif
constexpr int kGuard = 0xA5;
// A NaN of every storage, and none that a kernel makes.
constexpr int kUnwritten = 0xFF;

std::vector<std::byte> Encode(Storage storage, const std::vector<float>& numbers) {
  std::vector<std::byte> bytes(numbers.size() * BytesOf(storage));
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (storage == Storage::kFloat) {
      std::memcpy(&bytes[4 * i], &numbers[i], 4);
      continue;
    }
    const uint16_t bits = storage == Storage::kHalf ? cuda::host::FloatToFp16(numbers[i])
                                                    : cuda::host::FloatToBf16(numbers[i]);
    std::memcpy(&bytes[2 * i], &bits, 2);
  }
  return bytes;
}

std::vector<float> Decode(Storage storage, std::span<const std::byte> bytes) {
  std::vector<float> numbers(bytes.size() / BytesOf(storage));
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (storage == Storage::kFloat) {
      std::memcpy(&numbers[i], &bytes[4 * i], 4);
      continue;
    }
    uint16_t bits = 0;
    std::memcpy(&bits, &bytes[2 * i], 2);
    numbers[i] =
        storage == Storage::kHalf ? cuda::host::Fp16ToFloat(bits) : cuda::host::Bf16ToFloat(bits);
  }
  return numbers;
}

}  // namespace

std::string_view NameOf(Storage storage) {
  switch (storage) {
    case Storage::kFloat:
      return "float";
    case Storage::kHalf:
      return "half";
    case Storage::kBfloat16:
      return "bfloat16";
  }
  return "?";
}

float Rounded(Storage storage, float x) { return Decode(storage, Encode(storage, {x}))[0]; }

float NumberOfBits(Storage storage, uint16_t bits) {
  return storage == Storage::kHalf ? cuda::host::Fp16ToFloat(bits) : cuda::host::Bf16ToFloat(bits);
}

bool AreSame(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool AreSameWithSign(float a, float b) {
  return AreSame(a, b) && (std::isnan(a) || std::signbit(a) == std::signbit(b));
}

double UnitInLastPlace(Storage storage, double x) {
  const int fraction_bits = storage == Storage::kFloat ? 23 : storage == Storage::kHalf ? 10 : 7;
  const int least_exponent = storage == Storage::kHalf ? -14 : -126;
  int exponent = least_exponent;
  if (x != 0.0) exponent = std::max(least_exponent, std::ilogb(x));
  return std::ldexp(1.0, exponent - fraction_bits);
}

std::vector<float> Multiples(double step, int64_t count, std::mt19937& random) {
  const int most = static_cast<int>(1.0 / step);
  std::uniform_int_distribution<int> steps(-most, most);
  std::vector<float> numbers(static_cast<size_t>(count));
  for (float& number : numbers) number = static_cast<float>(step * steps(random));
  return numbers;
}

std::vector<float> NormalNumbers(Storage storage, int64_t count, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> numbers(static_cast<size_t>(count));
  for (float& number : numbers) number = normal(random);
  return Decode(storage, Encode(storage, numbers));
}

const void* KernelTest::UploadNumbers(Storage storage, const std::vector<float>& numbers) {
  return Upload(Encode(storage, numbers));
}

KernelTest::Guarded KernelTest::AllocateNumbers(Storage storage, int64_t count) {
  const size_t bytes = static_cast<size_t>(count) * BytesOf(storage);
  std::vector<std::byte> all(bytes + 2 * kGuardBytes, std::byte{kGuard});
  std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(kGuardBytes), bytes, std::byte{kUnwritten});
  std::byte* const begin = Upload(all);
  return {.begin = begin, .data = begin + kGuardBytes, .bytes = bytes};
}

std::vector<float> KernelTest::ReadNumbers(Storage storage, const Guarded& memory) {
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  const std::vector<std::byte> bytes = Download(memory.begin, memory.bytes + 2 * kGuardBytes);
  const auto is_guard = [](std::byte byte) { return byte == std::byte{kGuard}; };
  const auto data = bytes.begin() + static_cast<std::ptrdiff_t>(kGuardBytes);
  const auto end = data + static_cast<std::ptrdiff_t>(memory.bytes);
  EXPECT_TRUE(std::all_of(bytes.begin(), data, is_guard)) << "written before the result";
  EXPECT_TRUE(std::all_of(end, bytes.end(), is_guard)) << "written behind the result";
  return Decode(storage, std::span(data, end));
}

void KernelTest::Fill(Storage storage, const std::vector<float>& numbers, const Guarded& memory) {
  const std::vector<std::byte> bytes = Encode(storage, numbers);
  ASSERT_EQ(bytes.size(), memory.bytes);
  EXPECT_EQ(cudaMemcpy(memory.data, bytes.data(), bytes.size(), cudaMemcpyHostToDevice),
            cudaSuccess);
}

}  // namespace actium::test
