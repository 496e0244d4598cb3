#ifndef ACTIUM_SERVER_CUDA_CONTRACTION_H_
#define ACTIUM_SERVER_CUDA_CONTRACTION_H_

#include <cuda_runtime.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/cuda/program.h"
#include "server/cuda/storage.h"

/// Convolutions and linear layers as sums of products, with bias and program behind the sums while
/// they are in registers. A linear layer is a convolution of single pixels.
namespace actium::cuda {

/// Height, width.
struct Extent {
  int h = 1;
  int w = 1;
  friend bool operator==(const Extent&, const Extent&) = default;
};

/// What is computed. All sizes are >= 1; x and y have fewer than 2^31 numbers each.
struct ContractionShape {
  int rows = 1;  ///< Of the batch.
  int in_channels = 1;
  Extent in = {};
  int out_channels = 1;
  Extent out = {};
  Extent kernel = {}, stride = {};
  Extent padding = {0, 0};
  Extent dilation = {};
  int groups = 1;  ///< Divides both numbers of channels.

  constexpr int group_inputs() const { return in_channels / groups; }
  constexpr int group_outputs() const { return out_channels / groups; }
  /// Products in one sum.
  constexpr int depth() const { return group_inputs() * kernel.h * kernel.w; }
  constexpr int64_t pixels() const { return int64_t{rows} * out.h * out.w; }
  friend bool operator==(const ContractionShape&, const ContractionShape&) = default;
};

/// Where it is computed. All memory lies on 16 bytes.
struct ContractionMemory {
  const void* x = nullptr;       ///< [rows, in.h, in.w, in_channels]
  const void* weight = nullptr;  ///< [out_channels, kernel.h, kernel.w, in_channels / groups]
  const float* bias = nullptr;   ///< [out_channels]
  void* y = nullptr;             ///< [rows, out.h, out.w, out_channels]
};

/// How a model computes.
struct Arithmetics {
  Storage storage = Storage::kFloat;
  bool tf32 = false;  ///< With kFloat: products on the tensor cores, of numbers cut to ten bits.
};

/// One way to compute a contraction.
struct ContractionKernel {
  std::string_view name;  ///< As "simt_64x64": unique.
  int tile_pixels = 1;    ///< What one block computes: so many pixels
  int tile_channels = 1;  ///< by so many output channels of a group.

  /// Whether it can compute this at all.
  bool (*fits)(const ContractionShape& shape, const Arithmetics& arithmetics) = nullptr;

  /// Puts it into a stream. Errors: those of a launch.
  cudaError_t (*run)(const ContractionShape& shape, Storage storage,
                     const ContractionMemory& memory, const Program& program,
                     cudaStream_t stream) = nullptr;
};

/// Returns all that fit, those first that should be faster: a family made for such shapes before
/// others, and in it the kernel whose blocks keep `multiprocessors` busy for the shortest time. At
/// least one, as kReferenceKernel fits everything.
std::vector<const ContractionKernel*> FittingKernels(const ContractionShape& shape,
                                                     const Arithmetics& arithmetics,
                                                     int multiprocessors);

// The families, a file each.

/// For any shape, in float32 arithmetic: simt.cu. The first is what others are checked against.
extern const ContractionKernel kSimtKernels[3];
inline const ContractionKernel& kReferenceKernel =  // NOLINT(readability-identifier-naming)
    kSimtKernels[0];
/// For one input channel and one output channel in a group: depthwise.cu.
extern const ContractionKernel kDepthwiseKernels[1];
/// On the tensor cores, for half, bfloat16 and TF32: tensor_core.cu.
extern const ContractionKernel kTensorCoreKernels[5];

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_CONTRACTION_H_
