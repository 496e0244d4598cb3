#include "server/cuda/launch.h"
#include "server/cuda/run_program.h"
#include "tests/server/cuda/divide_kernel.h"

namespace actium::test {
namespace {

constexpr int kThreads = 256;

__global__ void __launch_bounds__(kThreads) DivideKernel(Divisions divisions) {
  const uint32_t i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= divisions.count) return;
  const cuda::Divisor divisor = divisions.divisors[i];
  divisions.quotients[i] = cuda::Quotient(divisions.dividends[i], divisor);
  divisions.remainders[i] = cuda::Remainder(divisions.dividends[i], divisor);
}

}  // namespace

cudaError_t RunDivisions(const Divisions& divisions) {
  return cuda::Launch(nullptr, cuda::OneThreadEach(divisions.count, kThreads), DivideKernel,
                      divisions);
}

}  // namespace actium::test
