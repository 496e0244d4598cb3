#ifndef ACTIUM_SERVER_CUDA_STORAGE_H_
#define ACTIUM_SERVER_CUDA_STORAGE_H_

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstddef>
#include <cstdlib>

namespace actium::cuda {

/// How numbers lie in device memory.
enum class Storage { kFloat, kHalf, kBfloat16 };

constexpr size_t BytesOf(Storage storage) { return storage == Storage::kFloat ? 4 : 2; }

/// Stands for a type where a value is wanted.
template <class T>
struct TypeTag {
  using type = T;  // NOLINT(readability-identifier-naming): as the standard library says.
};

/// Returns body(TypeTag<T>()) for the storage's type.
template <class Body>
auto WithStorage(Storage storage, Body body) {
  switch (storage) {
    case Storage::kFloat:
      return body(TypeTag<float>());
    case Storage::kHalf:
      return body(TypeTag<__half>());
    case Storage::kBfloat16:
      return body(TypeTag<__nv_bfloat16>());
  }
  std::abort();  // Not a Storage.
}

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_STORAGE_H_
