// Convolutions that keep every channel to itself: too few products for tiles. A thread computes one
// chunk of neighbouring channels of one output pixel; the caches do the rest.
#include "server/cuda/contraction_device.h"
#include "server/cuda/launch.h"

namespace actium::cuda {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void __launch_bounds__(kThreads)
    DepthwiseKernel(const __grid_constant__ ContractionArguments arguments) {
  constexpr int kWidth = kPerVector<T>;
  const ContractionShape& shape = arguments.shape;
  const uint32_t index = blockIdx.x * kThreads + threadIdx.x;
  const uint32_t pixel = Quotient(index, arguments.channel_tiles);
  if (pixel >= shape.pixels()) return;
  const auto channel = static_cast<int>((index - pixel * arguments.channel_tiles.divisor) * kWidth);
  const int count = min(kWidth, shape.out_channels - channel);
  const bool aligned = shape.out_channels % kWidth == 0;
  const Window window = WindowOf(arguments, pixel);

  const auto* const x = static_cast<const T*>(arguments.memory.x);
  const auto* const weight = static_cast<const T*>(arguments.memory.weight);
  const int taps = shape.kernel.h * shape.kernel.w;
  Chunk<kWidth> sums = {};
  for (int k = 0; k < taps; ++k) {
    const Tap tap = TapOf(arguments, k);
    if (!IsInside(shape, window, tap)) continue;
    const Chunk<kWidth> numbers =
        LoadChunk<kWidth>(x + Offset(shape, window, tap, channel), count, aligned);
#pragma unroll
    for (int i = 0; i < kWidth; ++i) {
      if (i < count)
        sums.values[i] += numbers.values[i] * ToFloat(weight[(channel + i) * taps + k]);
    }
  }
  FinishChunk<T>(arguments, pixel, channel, count, sums);
}

cudaError_t Run(const ContractionShape& shape, Storage storage, const ContractionMemory& memory,
                const Program& program, cudaStream_t stream) {
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    ContractionArguments arguments = MakeArguments(shape, memory, program);
    const int64_t chunks = DivideUp(shape.out_channels, kPerVector<T>);
    arguments.channel_tiles = MakeDivisor(static_cast<uint32_t>(chunks));
    return Launch(stream, OneThreadEach(shape.pixels() * chunks, kThreads), DepthwiseKernel<T>,
                  arguments);
  });
}

bool Fits(const ContractionShape& shape, const Arithmetics&) {
  return shape.group_inputs() == 1 && shape.group_outputs() == 1 && shape.groups > 1;
}

}  // namespace

const ContractionKernel kDepthwiseKernels[1] = {{"depthwise", kThreads, 1, Fits, Run}};

}  // namespace actium::cuda
