#include "server/cuda/constant_pool.h"

#include <cstring>

#include "server/cuda/status.h"
#include "server/tensor/aligned_memory.h"

namespace actium::cuda {
namespace {

template <class T>
T Round(float x) {
  if constexpr (std::is_same_v<T, float>) {
    return x;
  } else if constexpr (std::is_same_v<T, __half>) {
    return __float2half_rn(x);
  } else {
    return __float2bfloat16_rn(x);
  }
}

}  // namespace

size_t ConstantPool::Add(std::span<const float> numbers, Storage storage) {
  const size_t place = tensor::RoundUp(host_.size());
  host_.resize(place + numbers.size() * BytesOf(storage));
  WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::byte* to = host_.data() + place;
    for (const float number : numbers) {
      const T rounded = Round<T>(number);
      std::memcpy(to, &rounded, sizeof(T));
      to += sizeof(T);
    }
  });
  bytes_ = host_.size();
  return place;
}

absl::Status ConstantPool::Upload() {
  ACTIUM_ASSIGN_OR_RETURN(device_, NewDeviceMemory(host_.size(), "the model's constants"));
  if (host_.empty()) return absl::OkStatus();
  ACTIUM_RETURN_IF_CUDA_ERROR(
      cudaMemcpy(device_.get(), host_.data(), host_.size(), cudaMemcpyHostToDevice),
      "copying the model's constants");
  // What was not page-locked may still be on its way, and our streams do not wait for this one.
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(cudaStreamLegacy),
                              "copying the model's constants");
  host_ = {};
  return absl::OkStatus();
}

}  // namespace actium::cuda
