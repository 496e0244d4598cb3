#ifndef ACTIUM_TESTS_SERVER_CUDA_CONTRACTION_CASES_H_
#define ACTIUM_TESTS_SERVER_CUDA_CONTRACTION_CASES_H_

#include <span>
#include <string>
#include <vector>

#include "server/cuda/contraction.h"

namespace actium::test {

/// Shapes at, below and above every edge that a kernel has: tiles of pixels and of channels, steps
/// of the depth, the ring of steps, vectors; and every option of a convolution, different in both
/// directions.
std::span<const cuda::ContractionShape> ContractionShapes();

/// For messages.
std::string Describe(const cuda::ContractionShape& shape);

/// What one contraction reads, with the operands of the program behind it.
struct ContractionNumbers {
  std::vector<float> x, weight, bias;
  std::vector<float> slopes;    ///< [out_channels]
  std::vector<float> residual;  ///< As y.
  std::vector<float> factors;   ///< One for each number of a row of y.
  float scale = 0.5f;
};

/// Numbers such that all sums and products of the contraction and of the program, in any order, are
/// floats exactly; x, weight and residual are numbers of every storage.
ContractionNumbers ExactNumbers(const cuda::ContractionShape& shape);

struct ReferenceSums {
  std::vector<double> values;      ///< With bias.
  std::vector<double> magnitudes;  ///< Sums of the absolute values.
};

/// The sums by their definition. What lies in the padding is not read.
ReferenceSums SumsInFloat64(const cuda::ContractionShape& shape, const ContractionNumbers& numbers);

/// Returns ((prelu(s) + residual) * factors - prelu(s) + s) * scale for the sums s.
std::vector<double> ProgramInFloat64(const cuda::ContractionShape& shape,
                                     const ContractionNumbers& numbers,
                                     const std::vector<double>& sums);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_CONTRACTION_CASES_H_
