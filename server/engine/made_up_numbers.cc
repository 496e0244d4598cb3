#include "server/engine/made_up_numbers.h"

#include <cstring>

namespace actium::engine {
namespace {

template <class Float>
void FillNormal(std::mt19937& random, std::span<std::byte> bytes) {
  std::normal_distribution<Float> normal;
  for (size_t at = 0; at < bytes.size(); at += sizeof(Float)) {
    const Float value = normal(random);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
}

void FillBytes(std::mt19937& random, unsigned mask, std::span<std::byte> bytes) {
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & mask);
}

}  // namespace

void MakeUpNumbers(tensor::DType dtype, std::mt19937& random, std::span<std::byte> bytes) {
  using tensor::DType;
  switch (dtype) {
    case DType::kFp32:
      return FillNormal<float>(random, bytes);
    case DType::kFp64:
      return FillNormal<double>(random, bytes);
    case DType::kBool:
      return FillBytes(random, 1, bytes);
    case DType::kFp16:
    case DType::kBf16:
    case DType::kBytes:
      return;
    default:
      return FillBytes(random, 0xff, bytes);
  }
}

}  // namespace actium::engine
