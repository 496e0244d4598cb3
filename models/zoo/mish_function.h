#ifndef ACTIUM_MODELS_ZOO_MISH_FUNCTION_H_
#define ACTIUM_MODELS_ZOO_MISH_FUNCTION_H_

#include <torch/torch.h>

namespace actium::zoo {

/// Returns Mish(x) = x * tanh(ln(1 + e^x), elementwise, with one exponential and no logarithm in
/// each direction; LibTorch's own takes about eight times as long on a CPU.
///
/// x: float32 of any shape and strides; the result has the same. Differentiable once. Keeps only x
/// for the backward pass.
/// Source: D. Misra, arXiv:1908.08681, section 2.
torch::Tensor FusedMish(const torch::Tensor& x);

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_MISH_FUNCTION_H_
