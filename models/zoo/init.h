#ifndef ACTIUM_MODELS_ZOO_INIT_H_
#define ACTIUM_MODELS_ZOO_INIT_H_

#include <torch/torch.h>

#include <cstdint>

#include "server/activation/table.h"

namespace actium::zoo {

/// How a network's weights start.
enum class InitMode {
  /// N(0, g^2 / fan_in) where g^2 = 1 / E[f(z)^2], z ~ N(0, 1), is the activation's gain: the
  /// variance of the signal stays 1 through any depth (for ReLU: He's initialisation).
  kVariancePreserving,
  /// U(-1/sqrt(fan_in), 1/sqrt(fan_in)), what torch does unasked. Deep networks without
  /// normalisation do not learn from it.
  kTorchDefault,
};

struct InitOptions {
  InitMode mode = InitMode::kVariancePreserving;
  double scale = 1.0;  ///< Multiplies every weight of the convolutions; > 0.
};

/// Sets all convolutions and fully connected layers inside `network` by `options`, their biases to
/// 0; leaves normalisation and learned slopes alone. The result depends on the arguments and the
/// network's shape only, not on torch's global generator.
///
/// network: owned by a shared_ptr, as torch asks of a module whose children are listed.
void Initialise(torch::nn::Module& network, activation::Activation activation,
                const InitOptions& options, uint64_t seed);

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_INIT_H_
