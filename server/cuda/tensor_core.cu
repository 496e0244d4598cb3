// Contractions on the tensor cores: implicit GEMM in half, bfloat16 or TF32, sums in float.
//
// The matrix of x, whose rows are output pixels and whose columns are the products of their sums,
// is never made: while a block multiplies one step's columns, cp.async fetches the next ones into a
// ring in shared memory, 16 bytes at a time straight from x; what lies in the padding is filled
// with zeros on the way. That wants 16 bytes of neighbouring channels, so their number must be a
// multiple of a vector. Half and TF32 differ in the multiplication only, since a step is counted in
// bytes: ldmatrix moves 16-byte rows, whatever is in them.
//
// Source of the layouts: PTX ISA 8.0, sections "Matrix fragments for mma.m16n8k16" and "ldmatrix".
#include "server/cuda/contraction_device.h"
#include "server/cuda/device_intrinsics.h"
#include "server/cuda/launch.h"

namespace actium::cuda {
namespace {

constexpr int kLineBytes = 64;  // Of a pixel or channel in one step.
constexpr int kVectorBytes = 16;
constexpr int kVectors = kLineBytes / kVectorBytes;  // Of a line.
constexpr int kStages = 4;                           // Steps in the ring.
constexpr int kWarp = 32;

// A tile of kPixels by kChannels, of which each warp has kWarpPixels by kWarpChannels.
template <int kPixelsOfTile, int kChannelsOfTile, int kPixelsOfWarp, int kChannelsOfWarp>
struct Tile {
  static constexpr int kPixels = kPixelsOfTile;
  static constexpr int kChannels = kChannelsOfTile;
  static constexpr int kWarpPixels = kPixelsOfWarp;      // A multiple of 16.
  static constexpr int kWarpChannels = kChannelsOfWarp;  // A multiple of 16.
  static constexpr int kWarpsAcross = kChannels / kWarpChannels;
  static constexpr int kWarps = kPixels / kWarpPixels * kWarpsAcross;
  static constexpr int kThreads = kWarps * kWarp;
  static constexpr int kLines = kThreads / kVectors;  // Fetched at once.
  static constexpr int kRowBlocks = kWarpPixels / 16;
  static constexpr int kColumnBlocks = kWarpChannels / 8;

  struct Stage {
    unsigned char x[kPixels][kLineBytes];
    unsigned char weight[kChannels][kLineBytes];
  };
  union Shared {
    Stage stages[kStages];
    TileSums<kPixels, kChannels> sums;
  };
};

// Vectors of a line are permuted by the line's number, so that the eight rows which ldmatrix reads
// at once lie in different banks.
__device__ __forceinline__ int Permuted(int line, int vector) { return vector ^ ((line >> 1) & 3); }

template <class T>
__device__ __forceinline__ void Multiply(float (&d)[4], const uint32_t (&a)[4],
                                         const uint32_t (&b)[2]) {
  if constexpr (sizeof(T) == sizeof(float)) {
    MultiplyAccumulateTf32(d, a, b);
  } else if constexpr (__is_same(T, __half)) {
    MultiplyAccumulateFp16(d, a, b);
  } else {
    MultiplyAccumulateBf16(d, a, b);
  }
}

// One thread's part of fetching: always the same vector of a line, of several lines.
template <class T, class Tile>
class Fetch {
 public:
  __device__ __forceinline__ Fetch(const ContractionArguments& arguments, uint32_t first_pixel,
                                   int first_channel)
      : arguments_(arguments),
        line_(static_cast<int>(threadIdx.x) / kVectors),
        vector_(static_cast<int>(threadIdx.x) % kVectors),
        first_channel_(first_channel) {
#pragma unroll
    for (int i = 0; i < kPixelLines; ++i) {
      // Beyond the last pixel the last one once more: computed, but not stored.
      const auto last = static_cast<uint32_t>(arguments.shape.pixels() - 1);
      windows_[i] = WindowOf(arguments, min(first_pixel + line_ + i * Tile::kLines, last));
    }
  }

  // Begins to fetch a step and closes the group of copies; beyond the last step nothing.
  __device__ __forceinline__ void Step(int step, typename Tile::Stage& stage) const {
    const ContractionShape& shape = arguments_.shape;
    const int depth = shape.depth();
    const int k = step * (kLineBytes / static_cast<int>(sizeof(T))) + vector_ * kPerVector<T>;
    if (step * (kLineBytes / static_cast<int>(sizeof(T))) < depth) {
      const bool inside = k < depth;
      const Tap tap = TapOf(arguments_, static_cast<uint32_t>(k));
      const auto* const x = static_cast<const T*>(arguments_.memory.x);
#pragma unroll
      for (int i = 0; i < kPixelLines; ++i) {
        const int line = line_ + i * Tile::kLines;
        if (line >= Tile::kPixels) break;
        const bool valid = inside && IsInside(shape, windows_[i], tap);
        const T* const from = valid ? x + Offset(shape, windows_[i], tap, 0) : x;
        CopyAsync16(&stage.x[line][Permuted(line, vector_) * kVectorBytes], from, valid);
      }
      const auto* const weight = static_cast<const T*>(arguments_.memory.weight);
#pragma unroll
      for (int i = 0; i < kChannelLines; ++i) {
        const int line = line_ + i * Tile::kLines;
        if (line >= Tile::kChannels) break;
        const bool valid = inside && first_channel_ + line < shape.out_channels;
        const T* const from = valid ? weight + int64_t{first_channel_ + line} * depth + k : weight;
        CopyAsync16(&stage.weight[line][Permuted(line, vector_) * kVectorBytes], from, valid);
      }
    }
    CommitCopies();
  }

 private:
  static constexpr int kPixelLines = (Tile::kPixels + Tile::kLines - 1) / Tile::kLines;
  static constexpr int kChannelLines = (Tile::kChannels + Tile::kLines - 1) / Tile::kLines;

  const ContractionArguments& arguments_;
  const int line_, vector_, first_channel_;
  Window windows_[kPixelLines];
};

// Multiplies one step of a warp's part of the tile.
template <class T, class Tile>
__device__ __forceinline__ void MultiplyStep(
    const typename Tile::Stage& stage, int pixel, int channel,
    float (&sums)[Tile::kRowBlocks][Tile::kColumnBlocks][4]) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  const int row = lane % 8;
  const int matrix = lane / 8;
#pragma unroll
  for (int half = 0; half < kVectors; half += 2) {  // Two vectors are the depth of one mma.
    uint32_t weight[Tile::kColumnBlocks][2];
#pragma unroll
    for (int j = 0; j < Tile::kColumnBlocks; j += 2) {
      // Matrices: the first eight channels' two vectors, then the next eight's.
      const int line = channel + j * 8 + row + matrix / 2 * 8;
      uint32_t fragment[4];
      LoadMatrix4(fragment, &stage.weight[line][Permuted(line, half + matrix % 2) * kVectorBytes]);
      weight[j][0] = fragment[0];
      weight[j][1] = fragment[1];
      weight[j + 1][0] = fragment[2];
      weight[j + 1][1] = fragment[3];
    }
#pragma unroll
    for (int i = 0; i < Tile::kRowBlocks; ++i) {
      // Matrices: the first vector of 16 pixels, then the second.
      const int line = pixel + i * 16 + row + matrix % 2 * 8;
      uint32_t x[4];
      LoadMatrix4(x, &stage.x[line][Permuted(line, half + matrix / 2) * kVectorBytes]);
#pragma unroll
      for (int j = 0; j < Tile::kColumnBlocks; ++j) Multiply<T>(sums[i][j], x, weight[j]);
    }
  }
}

// Of a block of 16 by 8 sums a lane holds two neighbouring channels of two pixels.
template <class Tile>
__device__ __forceinline__ void KeepSums(
    TileSums<Tile::kPixels, Tile::kChannels>& shared, int pixel, int channel,
    const float (&sums)[Tile::kRowBlocks][Tile::kColumnBlocks][4]) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
#pragma unroll
  for (int i = 0; i < Tile::kRowBlocks; ++i) {
    const int row = pixel + i * 16 + lane / 4;
#pragma unroll
    for (int j = 0; j < Tile::kColumnBlocks; ++j) {
      const int column = channel + j * 8 + lane % 4 * 2;
      shared.values[row][column] = sums[i][j][0];
      shared.values[row][column + 1] = sums[i][j][1];
      shared.values[row + 8][column] = sums[i][j][2];
      shared.values[row + 8][column + 1] = sums[i][j][3];
    }
  }
}

template <class T, class Tile>
__global__ void __launch_bounds__(Tile::kThreads)
    TensorCoreKernel(const __grid_constant__ ContractionArguments arguments) {
  auto& shared = *reinterpret_cast<typename Tile::Shared*>(DynamicShared());
  // Blocks that run at the same time share pixels rather than channels.
  const uint32_t pixel_tile = Quotient(blockIdx.x, arguments.channel_tiles);
  const uint32_t first_pixel = pixel_tile * Tile::kPixels;
  const auto first_channel = static_cast<int>(
      (blockIdx.x - pixel_tile * arguments.channel_tiles.divisor) * Tile::kChannels);
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  const int pixel = warp / Tile::kWarpsAcross * Tile::kWarpPixels;
  const int channel = warp % Tile::kWarpsAcross * Tile::kWarpChannels;

  const Fetch<T, Tile> fetch(arguments, first_pixel, first_channel);
  for (int step = 0; step < kStages - 1; ++step) fetch.Step(step, shared.stages[step]);

  float sums[Tile::kRowBlocks][Tile::kColumnBlocks][4] = {};
  constexpr int kStepDepth = kLineBytes / static_cast<int>(sizeof(T));
  const int steps = (arguments.shape.depth() + kStepDepth - 1) / kStepDepth;
  for (int step = 0; step < steps; ++step) {
    WaitCopies<kStages - 2>();  // This step's have arrived;
    __syncthreads();            // everybody's, and all have read the step before,
    const int next = step + kStages - 1;
    fetch.Step(next, shared.stages[next % kStages]);  // whose place is free.
    MultiplyStep<T, Tile>(shared.stages[step % kStages], pixel, channel, sums);
  }
  WaitCopies<0>();
  __syncthreads();  // The ring's memory is used for the sums.
  KeepSums<Tile>(shared.sums, pixel, channel, sums);
  __syncthreads();
  FinishTile<T, Tile::kThreads>(arguments, shared.sums, 0, first_pixel, first_channel);
}

template <class T, class Tile>
cudaError_t RunAs(const ContractionArguments& arguments, const Grid& grid, cudaStream_t stream) {
  // Beyond 48 KiB a kernel must be told, on each device.
  const cudaError_t error =
      cudaFuncSetAttribute(TensorCoreKernel<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           sizeof(typename Tile::Shared));
  if (error != cudaSuccess) return error;
  return Launch(stream, grid, TensorCoreKernel<T, Tile>, arguments);
}

template <class Tile>
cudaError_t Run(const ContractionShape& shape, Storage storage, const ContractionMemory& memory,
                const Program& program, cudaStream_t stream) {
  ContractionArguments arguments = MakeArguments(shape, memory, program);
  const int64_t channel_tiles = DivideUp(shape.out_channels, Tile::kChannels);
  arguments.channel_tiles = MakeDivisor(static_cast<uint32_t>(channel_tiles));
  const Grid grid = {.blocks = channel_tiles * DivideUp(shape.pixels(), Tile::kPixels),
                     .threads = Tile::kThreads,
                     .shared_bytes = sizeof(typename Tile::Shared)};
  return WithStorage(storage, [&](auto tag) {
    return RunAs<typename decltype(tag)::type, Tile>(arguments, grid, stream);
  });
}

bool Fits(const ContractionShape& shape, const Arithmetics& arithmetics) {
  if (arithmetics.storage == Storage::kFloat && !arithmetics.tf32) return false;
  return shape.groups == 1 && shape.in_channels * BytesOf(arithmetics.storage) % kVectorBytes == 0;
}

}  // namespace

const ContractionKernel kTensorCoreKernels[5] = {
    {"mma_128x64", 128, 64, Fits, Run<Tile<128, 64, 32, 32>>},
    {"mma_128x128", 128, 128, Fits, Run<Tile<128, 128, 64, 32>>},
    {"mma_64x64", 64, 64, Fits, Run<Tile<64, 64, 32, 32>>},
    {"mma_64x32", 64, 32, Fits, Run<Tile<64, 32, 16, 32>>},
    {"mma_64x16", 64, 16, Fits, Run<Tile<64, 16, 16, 16>>},
};

}  // namespace actium::cuda
