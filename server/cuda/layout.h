#ifndef ACTIUM_SERVER_CUDA_LAYOUT_H_
#define ACTIUM_SERVER_CUDA_LAYOUT_H_

#include <cuda_runtime.h>

#include <cstdint>

#include "server/cuda/storage.h"
#include "server/tensor/dtype.h"

/// Operations that only move numbers. Results do not overlap what is read; every tensor has fewer
/// than 2^31 numbers. Errors of all: those of a launch.
namespace actium::cuda {

/// How a row of numbers lies in memory: [pixels, channels]. A row that is stored row-major has one
/// channel.
struct Layout {
  int channels = 1;
  int pixels = 1;
};

/// Copies rows from one layout to another that means the same order (graph::Reshape, and the way
/// between row-major and channels last). from, to: rows of as many numbers, of the storage's type.
cudaError_t RunMove(Storage storage, const void* from, const Layout& in, void* to,
                    const Layout& out, int rows, cudaStream_t stream);

/// Reads row-major numbers of any type but kBytes. A bool is 1 if any of its bits is.
cudaError_t RunLoad(tensor::DType dtype, const void* from, Storage storage, void* to,
                    const Layout& out, int rows, cudaStream_t stream);

/// Writes row-major floats.
cudaError_t RunStore(Storage storage, const void* from, const Layout& in, float* to, int rows,
                     cudaStream_t stream);

/// Copies `blocks` blocks of `width` numbers to places `stride` apart: a part of a graph::Concat.
cudaError_t RunCopyBlocks(Storage storage, const void* from, void* to, int64_t blocks, int width,
                          int stride, cudaStream_t stream);

/// Puts numbers around images, channels last. x: [rows, h, w, channels].
struct PadArguments {
  const void* x = nullptr;
  void* y = nullptr;
  int rows = 1, h = 1, w = 1, channels = 1;
  int above = 0, left = 0;
  int out_h = 1, out_w = 1;
  float value = 0;
};
cudaError_t RunPad(Storage storage, const PadArguments& arguments, cudaStream_t stream);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_LAYOUT_H_
