#include "server/cuda/launch.h"
#include "server/cuda/pointwise.h"
#include "server/cuda/run_program.h"

namespace actium::cuda {
namespace {

constexpr int kThreads = 256;

// One thread computes one chunk: with kWidth = kPerVector all of memory is read and written 128
// bits at a time, neighbouring threads side by side.
template <class T, int kWidth>
__global__ void __launch_bounds__(kThreads)
    PointwiseKernel(const __grid_constant__ PointwiseArguments arguments) {
  const uint32_t first = (blockIdx.x * kThreads + threadIdx.x) * kWidth;
  if (first >= arguments.count) return;
  const auto rest = static_cast<int>(min(arguments.count - first, uint32_t{kWidth}));
  Chunk<kWidth> x = {};
  if (arguments.x != nullptr) {
    x = LoadChunk<kWidth>(static_cast<const T*>(arguments.x) + first, rest, true);
  }
  const Chunk<kWidth> y = RunProgram<T, kWidth>(arguments.program, first, rest, true, x);
  StoreChunk<kWidth>(y, static_cast<T*>(arguments.y) + first, rest, true);
}

// Whether no chunk wraps around in a constant.
bool ChunksFit(const Program& program, uint32_t width) {
  for (const Operand& operand : program.operands) {
    if (operand.data == nullptr || operand.tensor) continue;
    const uint32_t period = operand.period.divisor;
    if (period != 1 && period % width != 0) return false;
  }
  return true;
}

}  // namespace

cudaError_t RunPointwise(Storage storage, const PointwiseArguments& arguments,
                         cudaStream_t stream) {
  return WithStorage(storage, [&](auto tag) {
    using T = typename decltype(tag)::type;
    constexpr int kWidth = kPerVector<T>;
    if (!ChunksFit(arguments.program, kWidth)) {
      return Launch(stream, OneThreadEach(arguments.count, kThreads), PointwiseKernel<T, 1>,
                    arguments);
    }
    return Launch(stream, OneThreadEach(DivideUp(arguments.count, kWidth), kThreads),
                  PointwiseKernel<T, kWidth>, arguments);
  });
}

}  // namespace actium::cuda
