#include <cmath>

#include "server/cuda/launch.h"
#include "server/cuda/number.h"
#include "server/cuda/reductions.h"

namespace actium::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xffffffff;

// One thread computes a chunk of neighbouring channels of one output pixel.
template <class T, int kWidth>
__global__ void __launch_bounds__(kThreads) PoolKernel(PoolArguments arguments, uint32_t chunks) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= chunks) return;
  const uint32_t across = (arguments.channels + kWidth - 1) / kWidth;
  const uint32_t pixel = i / across;
  const int channel = static_cast<int>(i - pixel * across) * kWidth;
  const int count = min(kWidth, arguments.channels - channel);
  const uint32_t line = pixel / arguments.out_w;
  const uint32_t row = line / arguments.out_h;
  const int h0 =
      static_cast<int>(line - row * arguments.out_h) * arguments.stride_h - arguments.padding_h;
  const int w0 =
      static_cast<int>(pixel - line * arguments.out_w) * arguments.stride_w - arguments.padding_w;
  const int h1 = min(h0 + arguments.kernel_h, arguments.h + arguments.padding_h);
  const int w1 = min(w0 + arguments.kernel_w, arguments.w + arguments.padding_w);
  const int first_h = max(h0, 0), last_h = min(h1, arguments.h);
  const int first_w = max(w0, 0), last_w = min(w1, arguments.w);

  const bool aligned = arguments.channels % kWidth == 0;
  Chunk<kWidth> y;
#pragma unroll
  for (int n = 0; n < kWidth; ++n) y.values[n] = arguments.maximum ? -INFINITY : 0.0f;
  for (int h = first_h; h < last_h; ++h) {
    for (int w = first_w; w < last_w; ++w) {
      const uint32_t at = (row * arguments.h + h) * arguments.w + w;
      const Chunk<kWidth> x = LoadChunk<kWidth>(
          static_cast<const T*>(arguments.x) + at * arguments.channels + channel, count, aligned);
#pragma unroll
      for (int n = 0; n < kWidth; ++n) {
        const float number = x.values[n];
        const bool takes = number > y.values[n] || number != number;  // NaN wins.
        y.values[n] = arguments.maximum ? (takes ? number : y.values[n]) : y.values[n] + number;
      }
    }
  }
  if (!arguments.maximum) {
    const int inside = (last_h - first_h) * (last_w - first_w);
    const int window = (h1 - h0) * (w1 - w0);
    const auto divisor = static_cast<float>(arguments.count_padding ? window : inside);
#pragma unroll
    for (int n = 0; n < kWidth; ++n) y.values[n] /= divisor;
  }
  StoreChunk<kWidth>(y, static_cast<T*>(arguments.y) + pixel * arguments.channels + channel, count,
                     aligned);
}

// One thread for each channel of a row: neighbours read neighbours.
template <class T>
__global__ void __launch_bounds__(kThreads)
    GlobalAverageKernel(const T* x, T* y, int pixels, int channels, uint32_t count) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= count) return;
  const uint32_t row = i / channels;
  const T* from = x + row * pixels * channels + (i - row * channels);
  double sum = 0.0;  // Many thousand floats would lose digits.
  for (int p = 0; p < pixels; ++p) {
    sum += static_cast<double>(ToFloat(from[static_cast<uint32_t>(p) * channels]));
  }
  y[i] = FromFloat<T>(static_cast<float>(sum / pixels));
}

template <class Function>
__device__ __forceinline__ float AmongLanes(float x, Function function) {
  for (int other = kWarp / 2; other > 0; other /= 2) {
    x = function(x, __shfl_xor_sync(kAllLanes, x, other));
  }
  return x;
}

// One warp for each softmax.
template <class T>
__global__ void __launch_bounds__(kThreads)
    SoftmaxKernel(const T* x, T* y, uint32_t lines, int count, int inner) {
  const uint32_t line = blockIdx.x * (kThreads / kWarp) + threadIdx.x / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  if (line >= lines) return;  // For a warp as a whole.
  const uint32_t first = line / inner * (count * inner) + line % inner;
  const auto at = [&](int k) { return first + static_cast<uint32_t>(k * inner); };

  float most = -INFINITY;
  for (int k = lane; k < count; k += kWarp) most = fmaxf(most, ToFloat(x[at(k)]));
  most = AmongLanes(most, [](float a, float b) { return fmaxf(a, b); });
  float sum = 0.0f;
  for (int k = lane; k < count; k += kWarp) sum += expf(ToFloat(x[at(k)]) - most);
  sum = AmongLanes(sum, [](float a, float b) { return a + b; });
  for (int k = lane; k < count; k += kWarp) {
    y[at(k)] = FromFloat<T>(expf(ToFloat(x[at(k)]) - most) / sum);
  }
}

}  // namespace

cudaError_t RunPool(Storage storage, const PoolArguments& arguments, cudaStream_t stream) {
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const int64_t chunks = int64_t{arguments.rows} * arguments.out_h * arguments.out_w *
                           DivideUp(arguments.channels, kPerVector<T>);
    return Launch(stream, OneThreadEach(chunks, kThreads), PoolKernel<T, kPerVector<T>>, arguments,
                  static_cast<uint32_t>(chunks));
  });
}

cudaError_t RunGlobalAverage(Storage storage, const void* x, void* y, int rows, int pixels,
                             int channels, cudaStream_t stream) {
  const int64_t count = int64_t{rows} * channels;
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return Launch(stream, OneThreadEach(count, kThreads), GlobalAverageKernel<T>,
                  static_cast<const T*>(x), static_cast<T*>(y), pixels, channels,
                  static_cast<uint32_t>(count));
  });
}

cudaError_t RunSoftmax(Storage storage, const void* x, void* y, int64_t outer, int count, int inner,
                       cudaStream_t stream) {
  const int64_t lines = outer * inner;
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return Launch(stream, OneThreadEach(lines * kWarp, kThreads), SoftmaxKernel<T>,
                  static_cast<const T*>(x), static_cast<T*>(y), static_cast<uint32_t>(lines), count,
                  inner);
  });
}

}  // namespace actium::cuda
