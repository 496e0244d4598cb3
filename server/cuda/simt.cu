// Contractions of any shape on the ordinary cores, in float32: the reference for all other kernels,
// and the only way for odd numbers of channels and for exact float32.
//
// A block computes a tile of output pixels by output channels of one group. It goes through the
// products of the sums in steps of kDepth: the tile's numbers of x and of the weight go to shared
// memory as floats, and every thread multiplies a small square of them in registers. While it does
// so, the next step's numbers are on their way from global memory into other registers.
#include "server/cuda/contraction_device.h"
#include "server/cuda/device_intrinsics.h"
#include "server/cuda/launch.h"

namespace actium::cuda {
namespace {

constexpr int kDepth = 16;  // Products of one step.
constexpr int kPad = 4;     // Floats behind a line in shared memory, against bank conflicts.

// Of a kernel on a multiprocessor; 0 leaves it to the compiler, which on sm_80 would rather spill
// ten registers than use 180 of them.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr int kLeastBlocks = 1;
#else
constexpr int kLeastBlocks = 0;
#endif

// A tile of kPixels by kChannels, of which each thread has kThreadPixels by kThreadChannels.
template <int kPixelsOfTile, int kChannelsOfTile, int kPixelsOfThread>
struct Tile {
  static constexpr int kPixels = kPixelsOfTile;
  static constexpr int kChannels = kChannelsOfTile;
  static constexpr int kThreadPixels = kPixelsOfThread;
  static constexpr int kThreadChannels = 8;  // A vector of half.
  static constexpr int kThreadsAcross = kChannels / kThreadChannels;
  static constexpr int kThreads = kPixels / kThreadPixels * kThreadsAcross;
  static constexpr int kLines = kThreads / kDepth;  // Pixels or channels fetched at once.

  struct Step {
    float x[kDepth][kPixels + kPad];
    float weight[kDepth][kChannels + kPad];
    Window windows[kPixels];
  };
  union Shared {
    Step step;
    TileSums<kPixels, kChannels> sums;
  };
};

// One thread's part of fetching: always the same product of a step, of several pixels and channels.
template <class T, class Tile>
struct Fetch {
  float x[Tile::kPixels / Tile::kLines];
  float weight[Tile::kChannels / Tile::kLines];

  // k: this thread's product. line: its first pixel and channel.
  __device__ __forceinline__ void From(const ContractionArguments& arguments, const Window* windows,
                                       uint32_t k, int line, int group, int first_channel) {
    const ContractionShape& shape = arguments.shape;
    const auto depth = static_cast<uint32_t>(shape.depth());
    const bool inside = k < depth;
    const Tap tap = TapOf(arguments, k);
    const auto* const from_x = static_cast<const T*>(arguments.memory.x);
#pragma unroll
    for (int i = 0; i < Tile::kPixels / Tile::kLines; ++i) {
      const Window window = windows[line + i * Tile::kLines];
      x[i] = inside && IsInside(shape, window, tap)
                 ? ToFloat(from_x[Offset(shape, window, tap, group * shape.group_inputs())])
                 : 0.0f;
    }
    const auto* const from_weight = static_cast<const T*>(arguments.memory.weight);
#pragma unroll
    for (int i = 0; i < Tile::kChannels / Tile::kLines; ++i) {
      const int channel = first_channel + line + i * Tile::kLines;
      const uint32_t row = static_cast<uint32_t>(group * shape.group_outputs() + channel);
      weight[i] =
          inside && channel < shape.group_outputs() ? ToFloat(from_weight[row * depth + k]) : 0.0f;
    }
  }

  __device__ __forceinline__ void To(typename Tile::Step& shared, int k, int line) const {
#pragma unroll
    for (int i = 0; i < Tile::kPixels / Tile::kLines; ++i) {
      shared.x[k][line + i * Tile::kLines] = x[i];
    }
#pragma unroll
    for (int i = 0; i < Tile::kChannels / Tile::kLines; ++i) {
      shared.weight[k][line + i * Tile::kLines] = weight[i];
    }
  }
};

template <class Tile>
__device__ __forceinline__ void MultiplyStep(
    const typename Tile::Step& shared, int pixel, int channel,
    float (&sums)[Tile::kThreadPixels][Tile::kThreadChannels]) {
#pragma unroll
  for (int k = 0; k < kDepth; ++k) {
    float x[Tile::kThreadPixels], weight[Tile::kThreadChannels];
#pragma unroll
    for (int i = 0; i < Tile::kThreadPixels; ++i) x[i] = shared.x[k][pixel + i];
#pragma unroll
    for (int i = 0; i < Tile::kThreadChannels; ++i) weight[i] = shared.weight[k][channel + i];
#pragma unroll
    for (int i = 0; i < Tile::kThreadPixels; ++i) {
#pragma unroll
      for (int j = 0; j < Tile::kThreadChannels; ++j) sums[i][j] += x[i] * weight[j];
    }
  }
}

template <class Tile>
__device__ __forceinline__ void KeepSums(
    TileSums<Tile::kPixels, Tile::kChannels>& shared, int pixel, int channel,
    const float (&sums)[Tile::kThreadPixels][Tile::kThreadChannels]) {
#pragma unroll
  for (int i = 0; i < Tile::kThreadPixels; ++i) {
#pragma unroll
    for (int j = 0; j < Tile::kThreadChannels; ++j) {
      shared.values[pixel + i][channel + j] = sums[i][j];
    }
  }
}

template <class T, class Tile>
__global__ void __launch_bounds__(Tile::kThreads, kLeastBlocks)
    SimtKernel(const __grid_constant__ ContractionArguments arguments) {
  auto& shared = *reinterpret_cast<typename Tile::Shared*>(DynamicShared());
  typename Tile::Step& tile_step = shared.step;
  // Blocks that run at the same time share pixels rather than channels.
  const auto group = static_cast<int>(Quotient(blockIdx.x, arguments.tiles));
  const uint32_t tile = blockIdx.x - group * arguments.tiles.divisor;
  const uint32_t pixel_tile = Quotient(tile, arguments.channel_tiles);
  const uint32_t first_pixel = pixel_tile * Tile::kPixels;
  const auto first_channel =
      static_cast<int>((tile - pixel_tile * arguments.channel_tiles.divisor) * Tile::kChannels);
  const auto thread = static_cast<int>(threadIdx.x);

  for (int i = thread; i < Tile::kPixels; i += Tile::kThreads) {
    // Beyond the last pixel the last one once more: read, but not stored.
    const auto last = static_cast<uint32_t>(arguments.shape.pixels() - 1);
    tile_step.windows[i] = WindowOf(arguments, min(first_pixel + i, last));
  }
  __syncthreads();

  const int k = thread % kDepth;
  const int line = thread / kDepth;
  const int pixel = thread / Tile::kThreadsAcross * Tile::kThreadPixels;
  const int channel = thread % Tile::kThreadsAcross * Tile::kThreadChannels;
  float sums[Tile::kThreadPixels][Tile::kThreadChannels] = {};
  Fetch<T, Tile> fetch;
  fetch.From(arguments, tile_step.windows, k, line, group, first_channel);
  for (int step = 0; step < arguments.shape.depth(); step += kDepth) {
    if (step > 0) __syncthreads();  // All have read the step before.
    fetch.To(tile_step, k, line);
    __syncthreads();
    fetch.From(arguments, tile_step.windows, step + kDepth + k, line, group, first_channel);
    MultiplyStep<Tile>(tile_step, pixel, channel, sums);
  }
  __syncthreads();  // The steps' memory is used for the sums.
  KeepSums<Tile>(shared.sums, pixel, channel, sums);
  __syncthreads();
  FinishTile<T, Tile::kThreads>(arguments, shared.sums, group, first_pixel, first_channel);
}

template <class Tile>
cudaError_t Run(const ContractionShape& shape, Storage storage, const ContractionMemory& memory,
                const Program& program, cudaStream_t stream) {
  ContractionArguments arguments = MakeArguments(shape, memory, program);
  const int64_t channel_tiles = DivideUp(shape.group_outputs(), Tile::kChannels);
  const int64_t tiles = channel_tiles * DivideUp(shape.pixels(), Tile::kPixels);
  arguments.channel_tiles = MakeDivisor(static_cast<uint32_t>(channel_tiles));
  arguments.tiles = MakeDivisor(static_cast<uint32_t>(tiles));
  const Grid grid = {.blocks = tiles * shape.groups,
                     .threads = Tile::kThreads,
                     .shared_bytes = sizeof(typename Tile::Shared)};
  return WithStorage(storage, [&](auto tag) {
    return Launch(stream, grid, SimtKernel<typename decltype(tag)::type, Tile>, arguments);
  });
}

// With TF32 wanted it stays right, and exact: it is what others are checked against.
bool FitsAll(const ContractionShape&, const Arithmetics&) { return true; }

}  // namespace

const ContractionKernel kSimtKernels[3] = {
    {"simt_64x64", 64, 64, FitsAll, Run<Tile<64, 64, 8>>},
    {"simt_128x64", 128, 64, FitsAll, Run<Tile<128, 64, 8>>},
    {"simt_32x32", 32, 32, FitsAll, Run<Tile<32, 32, 4>>},
};

}  // namespace actium::cuda
