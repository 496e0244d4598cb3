#ifndef ACTIUM_SERVER_ACTIVATION_GAIN_H_
#define ACTIUM_SERVER_ACTIVATION_GAIN_H_

#include <span>

#include "server/activation/table.h"

namespace actium::activation {

/// Returns g^2 = 1 / E[f(z)^2] for z ~ N(0, 1): weights of variance g^2 / fan_in keep the variance
/// of pre-activations from layer to layer (without batch norm or shortcuts). 2 for ReLU.
///
/// parameters: that pass CheckParameters(), empty for the defaults. Integrated from the formula, to
/// 6 digits; takes some 0.1 ms. Trained models depend on its last bits: another rule of integration
/// trains other models. Thread-safe.
/// Source: K. He et al., arXiv:1502.01852, section 2.2, taken for any f.
double VariancePreservingGain(Activation id, std::span<const double> parameters = {});

/// Returns chi = E[f'(z)^2] / E[f(z)^2], z ~ N(0, 1): with the gain above, the factor by which the
/// gradient's variance changes per layer on the way back. 1 keeps it; sigmoid's 0.15 is the
/// vanishing gradient. To 5 digits, or 2 where f has kinks between whole numbers. Thread-safe.
double GradientFactor(Activation id, std::span<const double> parameters = {});

}  // namespace actium::activation

#endif  // ACTIUM_SERVER_ACTIVATION_GAIN_H_
