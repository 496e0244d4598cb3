#ifndef ACTIUM_SERVER_CUDA_REDUCTIONS_H_
#define ACTIUM_SERVER_CUDA_REDUCTIONS_H_

#include <cuda_runtime.h>

#include <cstdint>

#include "server/cuda/storage.h"

/// Operations that make one number of several. Images have their channels last; sums are in float.
/// Every tensor has fewer than 2^31 numbers. Errors of all: those of a launch.
namespace actium::cuda {

/// As graph::Pool. x: [rows, h, w, channels]; y: [rows, out_h, out_w, channels].
struct PoolArguments {
  const void* x = nullptr;
  void* y = nullptr;
  int rows = 1, h = 1, w = 1, channels = 1;
  int out_h = 1, out_w = 1;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int padding_h = 0, padding_w = 0;
  bool maximum = true;  ///< Else the average. NaN is the maximum of all that it is among.
  bool count_padding = false;
};
cudaError_t RunPool(Storage storage, const PoolArguments& arguments, cudaStream_t stream);

/// The mean over the pixels of each channel. x: [rows, pixels, channels]; y: [rows, channels].
cudaError_t RunGlobalAverage(Storage storage, const void* x, void* y, int rows, int pixels,
                             int channels, cudaStream_t stream);

/// e^x_i / sum e^x_j along the middle dimension of x [outer, count, inner].
cudaError_t RunSoftmax(Storage storage, const void* x, void* y, int64_t outer, int count, int inner,
                       cudaStream_t stream);

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_REDUCTIONS_H_
