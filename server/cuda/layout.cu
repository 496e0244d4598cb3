#include <cstdlib>

#include "server/cuda/launch.h"
#include "server/cuda/layout.h"
#include "server/cuda/number.h"

namespace actium::cuda {
namespace {

using tensor::DType;

constexpr int kThreads = 256;

__device__ __forceinline__ uint32_t ThreadIndex() { return blockIdx.x * kThreads + threadIdx.x; }

/// A byte that is true or not.
struct Bool {
  uint8_t byte;
};

template <class T>
__device__ __forceinline__ float Read(T x) {
  if constexpr (__is_same(T, Bool)) {
    return x.byte != 0 ? 1.0f : 0.0f;
  } else if constexpr (__is_same(T, __half) || __is_same(T, __nv_bfloat16)) {
    return ToFloat(x);
  } else {
    return static_cast<float>(x);
  }
}

// One thread moves one number; threads that are neighbours write neighbours.
template <class From, class To>
__global__ void __launch_bounds__(kThreads)
    MoveKernel(const From* from, Layout in, To* to, Layout out, uint32_t count) {
  const uint32_t i = ThreadIndex();
  if (i >= count) return;
  const uint32_t of_row = out.channels * out.pixels;
  const uint32_t row = i / of_row;
  const uint32_t stored = i - row * of_row;
  const uint32_t place = stored % out.channels * out.pixels + stored / out.channels;
  const uint32_t source = place % in.pixels * in.channels + place / in.pixels;
  to[i] = FromFloat<To>(Read(from[row * of_row + source]));
}

template <class From, class To>
cudaError_t Move(const void* from, const Layout& in, void* to, const Layout& out, int rows,
                 cudaStream_t stream) {
  const int64_t count = int64_t{rows} * out.channels * out.pixels;
  return Launch(stream, OneThreadEach(count, kThreads), MoveKernel<From, To>,
                static_cast<const From*>(from), in, static_cast<To*>(to), out,
                static_cast<uint32_t>(count));
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    CopyBlocksKernel(const T* from, T* to, uint32_t width, uint32_t stride, uint32_t count) {
  const uint32_t i = ThreadIndex();
  if (i >= count) return;
  to[i / width * stride + i % width] = from[i];
}

template <class T>
__global__ void __launch_bounds__(kThreads) PadKernel(PadArguments arguments, uint32_t count) {
  const uint32_t i = ThreadIndex();
  if (i >= count) return;
  const uint32_t pixel = i / arguments.channels;
  const uint32_t line = pixel / arguments.out_w;
  const uint32_t row = line / arguments.out_h;
  // A negative place is a huge one.
  const uint32_t h = line - row * arguments.out_h - arguments.above;
  const uint32_t w = pixel - line * arguments.out_w - arguments.left;
  auto* const y = static_cast<T*>(arguments.y);
  if (h >= static_cast<uint32_t>(arguments.h) || w >= static_cast<uint32_t>(arguments.w)) {
    y[i] = FromFloat<T>(arguments.value);
    return;
  }
  const uint32_t source = (row * arguments.h + h) * arguments.w + w;
  const auto* const x = static_cast<const T*>(arguments.x);
  y[i] = x[source * arguments.channels + i % arguments.channels];
}

}  // namespace

cudaError_t RunMove(Storage storage, const void* from, const Layout& in, void* to,
                    const Layout& out, int rows, cudaStream_t stream) {
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return Move<T, T>(from, in, to, out, rows, stream);
  });
}

cudaError_t RunLoad(DType dtype, const void* from, Storage storage, void* to, const Layout& out,
                    int rows, cudaStream_t stream) {
  const Layout in = {.channels = 1, .pixels = out.channels * out.pixels};
  const auto load = [&](auto from_tag) {
    return WithStorage(storage, [&](auto tag) {
      using From = typename decltype(from_tag)::type;
      return Move<From, typename decltype(tag)::type>(from, in, to, out, rows, stream);
    });
  };
  switch (dtype) {
    case DType::kBool:
      return load(TypeTag<Bool>());
    case DType::kUint8:
      return load(TypeTag<uint8_t>());
    case DType::kUint16:
      return load(TypeTag<uint16_t>());
    case DType::kUint32:
      return load(TypeTag<uint32_t>());
    case DType::kUint64:
      return load(TypeTag<uint64_t>());
    case DType::kInt8:
      return load(TypeTag<int8_t>());
    case DType::kInt16:
      return load(TypeTag<int16_t>());
    case DType::kInt32:
      return load(TypeTag<int32_t>());
    case DType::kInt64:
      return load(TypeTag<int64_t>());
    case DType::kFp16:
      return load(TypeTag<__half>());
    case DType::kBf16:
      return load(TypeTag<__nv_bfloat16>());
    case DType::kFp32:
      return load(TypeTag<float>());
    case DType::kFp64:
      return load(TypeTag<double>());
    case DType::kBytes:
      break;
  }
  std::abort();  // A graph has no such input.
}

cudaError_t RunStore(Storage storage, const void* from, const Layout& in, float* to, int rows,
                     cudaStream_t stream) {
  const Layout out = {.channels = 1, .pixels = in.channels * in.pixels};
  return WithStorage(storage, [&](auto tag) {
    return Move<typename decltype(tag)::type, float>(from, in, to, out, rows, stream);
  });
}

cudaError_t RunCopyBlocks(Storage storage, const void* from, void* to, int64_t blocks, int width,
                          int stride, cudaStream_t stream) {
  const int64_t count = blocks * width;
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return Launch(stream, OneThreadEach(count, kThreads), CopyBlocksKernel<T>,
                  static_cast<const T*>(from), static_cast<T*>(to), static_cast<uint32_t>(width),
                  static_cast<uint32_t>(stride), static_cast<uint32_t>(count));
  });
}

cudaError_t RunPad(Storage storage, const PadArguments& arguments, cudaStream_t stream) {
  const int64_t count =
      int64_t{arguments.rows} * arguments.out_h * arguments.out_w * arguments.channels;
  return WithStorage(storage, [&](auto tag) {
    return Launch(stream, OneThreadEach(count, kThreads), PadKernel<typename decltype(tag)::type>,
                  arguments, static_cast<uint32_t>(count));
  });
}

}  // namespace actium::cuda
