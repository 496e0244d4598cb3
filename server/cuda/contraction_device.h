#ifndef ACTIUM_SERVER_CUDA_CONTRACTION_DEVICE_H_
#define ACTIUM_SERVER_CUDA_CONTRACTION_DEVICE_H_

#include "server/cuda/contraction.h"
#include "server/cuda/run_program.h"

/// What the kernels of contractions share on the device.
namespace actium::cuda {

/// A contraction as its kernels take it.
struct ContractionArguments {
  ContractionShape shape;
  ContractionMemory memory;
  Divisor out_pixels, out_width;  ///< Of one row.
  Divisor group_inputs, kernel_width;
  Divisor channel_tiles, tiles;  ///< Of a group's output channels; of a whole group.
  Program program;
};

inline ContractionArguments MakeArguments(const ContractionShape& shape,
                                          const ContractionMemory& memory, const Program& program) {
  const auto divisor = [](int64_t value) { return MakeDivisor(static_cast<uint32_t>(value)); };
  ContractionArguments arguments;
  arguments.shape = shape;
  arguments.memory = memory;
  arguments.out_pixels = divisor(int64_t{shape.out.h} * shape.out.w);
  arguments.out_width = divisor(shape.out.w);
  arguments.group_inputs = divisor(shape.group_inputs());
  arguments.kernel_width = divisor(shape.kernel.w);
  arguments.program = program;
  return arguments;
}

/// The pixel of x on which an output pixel's window begins; maybe in the padding.
struct Window {
  int image = 0;  ///< The row's first pixel.
  int h = 0, w = 0;
};

/// pixel: of all output pixels of the batch.
__device__ __forceinline__ Window WindowOf(const ContractionArguments& arguments, uint32_t pixel) {
  const ContractionShape& shape = arguments.shape;
  const uint32_t row = Quotient(pixel, arguments.out_pixels);
  const uint32_t in_row = pixel - row * arguments.out_pixels.divisor;
  const uint32_t p = Quotient(in_row, arguments.out_width);
  const uint32_t q = in_row - p * arguments.out_width.divisor;
  return {static_cast<int>(row) * shape.in.h * shape.in.w,
          static_cast<int>(p) * shape.stride.h - shape.padding.h,
          static_cast<int>(q) * shape.stride.w - shape.padding.w};
}

/// Which product of a sum: the place in the kernel, in pixels of x, and the channel in its group.
struct Tap {
  int h = 0, w = 0, channel = 0;
};

__device__ __forceinline__ Tap TapOf(const ContractionArguments& arguments, uint32_t k) {
  const uint32_t place = Quotient(k, arguments.group_inputs);
  const uint32_t r = Quotient(place, arguments.kernel_width);
  const uint32_t s = place - r * arguments.kernel_width.divisor;
  return {static_cast<int>(r) * arguments.shape.dilation.h,
          static_cast<int>(s) * arguments.shape.dilation.w,
          static_cast<int>(k - place * arguments.group_inputs.divisor)};
}

/// Whether a window's tap lies in x and not in the padding; a negative place is a huge one.
__device__ __forceinline__ bool IsInside(const ContractionShape& shape, const Window& window,
                                         const Tap& tap) {
  return static_cast<unsigned>(window.h + tap.h) < static_cast<unsigned>(shape.in.h) &&
         static_cast<unsigned>(window.w + tap.w) < static_cast<unsigned>(shape.in.w);
}

/// Where its number is in x. first_channel: of the group.
__device__ __forceinline__ int Offset(const ContractionShape& shape, const Window& window,
                                      const Tap& tap, int first_channel) {
  const int pixel = window.image + (window.h + tap.h) * shape.in.w + window.w + tap.w;
  return pixel * shape.in_channels + first_channel + tap.channel;
}

/// Adds the bias, runs the program and stores a chunk of neighbouring channels of one output pixel.
///
/// count: how many of the chunk there are, >= 1. Not inlined: all kernels of a file share it, and
/// nothing of theirs has to stay in registers beside the formulas.
template <class T, int kWidth>
ACTIUM_DEVICE_NOINLINE void FinishChunk(const ContractionArguments& arguments, uint32_t pixel,
                                        int channel, int count, Chunk<kWidth> sums) {
  const int channels = arguments.shape.out_channels;
  const bool aligned = channels % kWidth == 0 && channel % kWidth == 0;
#pragma unroll
  for (int i = 0; i < kWidth; ++i) {
    if (i < count) sums.values[i] += arguments.memory.bias[channel + i];
  }
  const uint32_t first = pixel * static_cast<uint32_t>(channels) + static_cast<uint32_t>(channel);
  const Chunk<kWidth> y = RunProgram<T, kWidth>(arguments.program, first, count, aligned, sums);
  StoreChunk<kWidth>(y, static_cast<T*>(arguments.memory.y) + first, count, aligned);
}

/// The sums of a block's tile in shared memory, by which they get from the threads that have added
/// them to those that store them: neighbours store neighbouring channels, 128 bits at a time.
template <int kPixels, int kChannels>
struct TileSums {
  float values[kPixels][kChannels + 4];  // Lines in different banks.
};

/// Finishes a tile that all threads of the block have written. group, first_pixel, first_channel:
/// of the tile; the channel in its group.
template <class T, int kThreads, int kPixels, int kChannels>
__device__ __forceinline__ void FinishTile(const ContractionArguments& arguments,
                                           const TileSums<kPixels, kChannels>& sums, int group,
                                           uint32_t first_pixel, int first_channel) {
  constexpr int kWidth = kPerVector<T>;
  constexpr int kAcross = kChannels / kWidth;
  const int channels = arguments.shape.group_outputs();
#pragma unroll 1  // One call of the program for all chunks.
  for (int i = static_cast<int>(threadIdx.x); i < kPixels * kAcross; i += kThreads) {
    const int row = i / kAcross;
    const int column = i % kAcross * kWidth;
    const uint32_t pixel = first_pixel + static_cast<uint32_t>(row);
    const int count = min(kWidth, channels - first_channel - column);
    if (pixel >= arguments.shape.pixels() || count <= 0) continue;
    Chunk<kWidth> chunk;
#pragma unroll
    for (int n = 0; n < kWidth; ++n) chunk.values[n] = sums.values[row][column + n];
    FinishChunk<T>(arguments, pixel, group * channels + first_channel + column, count, chunk);
  }
}

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_CONTRACTION_DEVICE_H_
