#include "server/cuda/contraction.h"

#include <algorithm>
#include <span>

#include "server/cuda/launch.h"

namespace actium::cuda {
namespace {

// What beginning and ending a block takes, in sums of a tile.
constexpr int64_t kBlockOverhead = 1024;

int64_t Cost(const ContractionKernel& kernel, const ContractionShape& shape, int multiprocessors) {
  const int64_t blocks = shape.groups * DivideUp(shape.pixels(), kernel.tile_pixels) *
                         DivideUp(shape.group_outputs(), kernel.tile_channels);
  const int64_t of_block = int64_t{kernel.tile_pixels} * kernel.tile_channels + kBlockOverhead;
  return DivideUp(blocks, multiprocessors) * of_block;
}

}  // namespace

std::vector<const ContractionKernel*> FittingKernels(const ContractionShape& shape,
                                                     const Arithmetics& arithmetics,
                                                     int multiprocessors) {
  std::vector<const ContractionKernel*> fitting;
  const auto add = [&](std::span<const ContractionKernel> family) {
    const auto first = std::ssize(fitting);
    for (const ContractionKernel& kernel : family) {
      if (kernel.fits(shape, arithmetics)) fitting.push_back(&kernel);
    }
    std::stable_sort(fitting.begin() + first, fitting.end(), [&](const auto* a, const auto* b) {
      return Cost(*a, shape, multiprocessors) < Cost(*b, shape, multiprocessors);
    });
  };
  add(kDepthwiseKernels);
  add(kTensorCoreKernels);
  add(kSimtKernels);
  return fitting;
}

}  // namespace actium::cuda
