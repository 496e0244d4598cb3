#include "server/activation/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace actium::activation {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kLargest =
    1e6;  // Of parameters that may grow: beyond, float32 loses the function.

constexpr std::string_view kIdentityAliases[] = {"linear"};
constexpr std::string_view kSigmoidAliases[] = {"logistic"};
constexpr std::string_view kSwishAliases[] = {"silu"};
constexpr std::string_view kGeluAliases[] = {"gelu_erf", "gelu_none"};
constexpr std::string_view kGeluTanhAliases[] = {"gelu_approximate"};
constexpr std::string_view kHardswishAliases[] = {"hard_silu", "h_swish"};
constexpr std::string_view kHardsigmoidAliases[] = {"h_sigmoid"};

constexpr Parameter kLeakySlope[] = {
    {"slope", 0.01, -kLargest, kLargest, false, "slope for negative x; fixed"}};
constexpr Parameter kPreluSlope[] = {
    {"slope", 0.25, -kLargest, kLargest, true,
     "slope for negative x; learned, one for all channels or one for each"}};
constexpr Parameter kSwishBeta[] = {
    {"beta", 1.0, 1e-6, kLargest, false, "steepness of the gate; large beta tends to ReLU"}};
constexpr Parameter kEluAlpha[] = {
    {"alpha", 1.0, -kLargest, kLargest, false, "-alpha is the limit for x to -infinity"}};
constexpr Parameter kCeluAlpha[] = {
    {"alpha", 1.0, 1e-6, kLargest, false, "-alpha is the limit for x to -infinity"}};
constexpr Parameter kHardtanhBounds[] = {
    {"lower", -1.0, -kLargest, kLargest, false, "smallest value; less than upper"},
    {"upper", 1.0, -kLargest, kLargest, false, "largest value"}};
constexpr Parameter kSoftplusBeta[] = {
    {"beta", 1.0, 1e-6, kLargest, false, "steepness; large beta tends to ReLU"}};

constexpr Row kRows[] = {
    {.id = Activation::kIdentity,
     .name = "identity",
     .title = "Identity",
     .aliases = kIdentityAliases,
     .formula = "x",
     .derivative = "1",
     .range = {-kInf, kInf, false, false},
     .names = {"Identity()", "Identity", 1, "linear", ""}},
    {.id = Activation::kSigmoid,
     .name = "sigmoid",
     .title = "Sigmoid",
     .aliases = kSigmoidAliases,
     .formula = "1 / (1 + e^-x)",
     .derivative = "f (1 - f)",
     .range = {0, 1, false, false},
     .names = {"Sigmoid()", "Sigmoid", 1, "sigmoid", ""}},
    {.id = Activation::kTanh,
     .name = "tanh",
     .title = "Tanh",
     .formula = "(e^x - e^-x) / (e^x + e^-x)",
     .derivative = "1 - f^2",
     .range = {-1, 1, false, false},
     .names = {"Tanh()", "Tanh", 1, "tanh", ""},
     .reference = "Y. LeCun et al., Efficient BackProp, 1998"},
    {.id = Activation::kRelu,
     .name = "relu",
     .title = "ReLU",
     .formula = "max(0, x)",
     .derivative = "1 for x > 0, else 0",
     .range = {0, kInf, true, false},
     .smoothness = Smoothness::kKinked,
     .names = {"ReLU()", "Relu", 1, "relu", ""},
     .reference = "V. Nair, G. E. Hinton, ICML 2010"},
    {.id = Activation::kLeakyRelu,
     .name = "leaky_relu",
     .title = "Leaky ReLU",
     .formula = "x for x >= 0, else slope x",
     .derivative = "1 for x > 0, else slope",
     .parameters = kLeakySlope,
     .range = {-kInf, kInf, false, false},
     .smoothness = Smoothness::kKinked,
     .names = {"LeakyReLU(negative_slope=0.01)", "LeakyRelu(alpha=0.01)", 1,
               "leaky_relu(negative_slope=0.01)",
               "the default slope is 0.01 in PyTorch, ONNX and JAX, 0.2 in keras.activations and "
               "tf.nn, 0.3 in Keras' layer, 0.1 in Darknet"},
     .reference = "A. L. Maas, A. Y. Hannun, A. Y. Ng, ICML 2013"},
    {.id = Activation::kPrelu,
     .name = "prelu",
     .title = "PReLU",
     .formula = "x for x >= 0, else slope x; slope learned, shared or per channel",
     .derivative = "1 for x > 0, else slope; by the slope: min(0, x)",
     .parameters = kPreluSlope,
     .range = {-kInf, kInf, false, false},
     .smoothness = Smoothness::kKinked,
     .names = {"PReLU(num_parameters=1 or channels, init=0.25)", "PRelu (slope is an input)", 1,
               "PReLU(alpha_initializer=Constant(0.25), shared_axes=[1, 2])",
               "Keras starts at slope 0 and learns one per element (height, width, channel) unless "
               "shared_axes=[1, 2]"},
     .reference = "K. He et al., arXiv:1502.01852"},
    {.id = Activation::kSwish,
     .name = "swish",
     .title = "Swish (SiLU)",
     .aliases = kSwishAliases,
     .formula = "x / (1 + e^(-beta x))",
     .derivative = "s + t s (1 - s), t = beta x, s = 1 / (1 + e^-t)",
     .parameters = kSwishBeta,
     .range = {-0.27846454276107374, kInf, true, false},
     .minimum = Minimum{-1.2784645427610737, -0.27846454276107374},
     .names = {"SiLU()", "Swish(alpha=1)", 24, "silu",
               "PyTorch has no beta; before opset 24 ONNX writes Sigmoid and Mul"},
     .reference = "P. Ramachandran, B. Zoph, Q. V. Le, arXiv:1710.05941"},
    {.id = Activation::kMish,
     .name = "mish",
     .title = "Mish",
     .formula = "x tanh(ln(1 + e^x))",
     .derivative = "t + x s (1 - t^2), t = tanh(ln(1 + e^x)), s = 1 / (1 + e^-x)",
     .range = {-0.30884341301725043, kInf, true, false},
     .minimum = Minimum{-1.1924312145155, -0.30884341301725043},
     .names = {"Mish()", "Mish", 18, "mish", "before opset 18 ONNX writes Softplus, Tanh and Mul"},
     .reference = "D. Misra, arXiv:1908.08681"},
    {.id = Activation::kGelu,
     .name = "gelu",
     .title = "GELU (erf)",
     .aliases = kGeluAliases,
     .formula = "x Phi(x) = x/2 (1 + erf(x / sqrt(2)))",
     .derivative = "Phi(x) + x phi(x), phi(x) = e^(-x^2 / 2) / sqrt(2 pi)",
     .range = {-0.16997120747990366, kInf, true, false},
     .minimum = Minimum{-0.7517915247, -0.16997120747990366},
     .names = {"GELU(approximate='none')", "Gelu(approximate=\"none\")", 20,
               "gelu(approximate=False)", "jax.nn.gelu is gelu_tanh by default"},
     .reference = "D. Hendrycks, K. Gimpel, arXiv:1606.08415"},
    {.id = Activation::kGeluTanh,
     .name = "gelu_tanh",
     .title = "GELU (tanh)",
     .aliases = kGeluTanhAliases,
     .formula = "x/2 (1 + tanh(u)), u = sqrt(2 / pi) (x + 0.044715 x^3)",
     .derivative = "(1 + tanh(u)) / 2 + x/2 (1 - tanh(u)^2) sqrt(2 / pi) (1 + 0.134145 x^2)",
     .range = {-0.17004075057125398, kInf, true, false},
     .minimum = Minimum{-0.7524614221, -0.17004075057125398},
     .names =
         {"GELU(approximate='tanh')", "Gelu(approximate=\"tanh\")", 20, "gelu(approximate=True)",
          "it is not x / (1 + e^(-1.702 x)), the \"quick\" GELU: that is swish with beta 1.702"},
     .reference = "D. Hendrycks, K. Gimpel, arXiv:1606.08415"},
    {.id = Activation::kElu,
     .name = "elu",
     .title = "ELU",
     .formula = "x for x >= 0, else alpha (e^x - 1)",
     .derivative = "1 for x > 0, else alpha e^x",
     .parameters = kEluAlpha,
     .range = {-1, kInf, false, false},
     .smoothness = Smoothness::kOnce,
     .names = {"ELU(alpha=1)", "Elu(alpha=1)", 1, "elu(alpha=1)",
               "smooth at 0 only for alpha 1; celu is smooth for all"},
     .reference = "D.-A. Clevert, T. Unterthiner, S. Hochreiter, arXiv:1511.07289"},
    {.id = Activation::kSelu,
     .name = "selu",
     .title = "SELU",
     .formula = "1.0507009873554805 (x for x >= 0, else 1.6732632423543772 (e^x - 1))",
     .derivative = "1.0507009873554805 (1 for x > 0, else 1.6732632423543772 e^x)",
     .range = {-1.7580993408473766, kInf, false, false},
     .smoothness = Smoothness::kKinked,
     .names = {"SELU()", "Selu", 1, "selu",
               "normalises only with LeCun-normal weights, no batch norm and AlphaDropout"},
     .reference = "G. Klambauer et al., arXiv:1706.02515"},
    {.id = Activation::kCelu,
     .name = "celu",
     .title = "CELU",
     .formula = "x for x >= 0, else alpha (e^(x / alpha) - 1)",
     .derivative = "1 for x > 0, else e^(x / alpha)",
     .parameters = kCeluAlpha,
     .range = {-1, kInf, false, false},
     .smoothness = Smoothness::kOnce,
     .names = {"CELU(alpha=1)", "Celu(alpha=1)", 12, "celu(alpha=1)", ""},
     .reference = "J. T. Barron, arXiv:1704.07483"},
    {.id = Activation::kHardswish,
     .name = "hardswish",
     .title = "Hardswish",
     .aliases = kHardswishAliases,
     .formula = "x min(6, max(0, x + 3)) / 6",
     .derivative = "0 for x <= -3, 1 for x >= 3, else x / 3 + 1 / 2",
     .range = {-0.375, kInf, true, false},
     .smoothness = Smoothness::kKinked,
     .minimum = Minimum{-1.5, -0.375},
     .names = {"Hardswish()", "HardSwish", 14, "hard_silu", ""},
     .reference = "A. Howard et al., arXiv:1905.02244"},
    {.id = Activation::kHardsigmoid,
     .name = "hardsigmoid",
     .title = "Hardsigmoid",
     .aliases = kHardsigmoidAliases,
     .formula = "min(6, max(0, x + 3)) / 6",
     .derivative = "1/6 for -3 < x < 3, else 0",
     .range = {0, 1, true, true},
     .smoothness = Smoothness::kKinked,
     .names = {"Hardsigmoid()", "HardSigmoid(alpha=1/6, beta=0.5)", 1, "hard_sigmoid",
               "ONNX's default alpha is 0.2, as in Keras 2: another function"}},
    {.id = Activation::kHardtanh,
     .name = "hardtanh",
     .title = "Hardtanh",
     .formula = "min(upper, max(lower, x))",
     .derivative = "1 for lower < x < upper, else 0",
     .parameters = kHardtanhBounds,
     .range = {-1, 1, true, true},
     .smoothness = Smoothness::kKinked,
     .names =
         {"Hardtanh(min_val=-1, max_val=1)", "Clip(min=-1, max=1)", 1, "hard_tanh",
          "ONNX's Clip takes its bounds as attributes before opset 11, as inputs from then on"}},
    {.id = Activation::kRelu6,
     .name = "relu6",
     .title = "ReLU6",
     .formula = "min(6, max(0, x))",
     .derivative = "1 for 0 < x < 6, else 0",
     .range = {0, 6, true, true},
     .smoothness = Smoothness::kKinked,
     .names = {"ReLU6()", "Clip(min=0, max=6)", 1, "relu6", ""},
     .reference = "A. Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010"},
    {.id = Activation::kSoftplus,
     .name = "softplus",
     .title = "Softplus",
     .formula = "ln(1 + e^(beta x)) / beta",
     .derivative = "1 / (1 + e^(-beta x))",
     .parameters = kSoftplusBeta,
     .range = {0, kInf, false, false},
     .names =
         {"Softplus(beta=1)", "Softplus", 1, "softplus",
          "PyTorch takes x itself where beta x > 20 (error 2e-9); ONNX and Keras have no beta"},
     .reference = "C. Dugas et al., NIPS 2000"},
    {.id = Activation::kSoftsign,
     .name = "softsign",
     .title = "Softsign",
     .formula = "x / (1 + |x|)",
     .derivative = "1 / (1 + |x|)^2",
     .range = {-1, 1, false, false},
     .smoothness = Smoothness::kOnce,
     .names = {"Softsign()", "Softsign", 1, "softsign", ""},
     .reference = "J. Bergstra et al., Quadratic Polynomials Learn Better Image Features, 2009"},
};

constexpr bool InOrder() {
  for (int i = 0; i < kActivations; ++i) {
    if (static_cast<int>(kRows[i].id) != i) return false;
  }
  return std::size(kRows) == kActivations;
}
static_assert(InOrder(), "Get() indexes the table by Activation");

// What is left of a name when its spelling does not matter.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return folded;
}

}  // namespace

std::span<const Row> Table() { return kRows; }

const Row& Get(Activation id) { return kRows[static_cast<size_t>(id)]; }

const Row* Find(std::string_view name) {
  const std::string folded = Folded(name);
  const auto matches = [&](std::string_view other) { return Folded(other) == folded; };
  for (const Row& row : kRows) {
    if (matches(row.name) || std::ranges::any_of(row.aliases, matches)) return &row;
  }
  return nullptr;
}

const Row* FindTorchFunction(std::string_view name) {
  const std::string folded = Folded(name);
  for (const Row& row : kRows) {
    const std::string_view constructor = row.names.pytorch;
    if (Folded(constructor.substr(0, constructor.find('('))) == folded) return &row;
  }
  return nullptr;
}

absl::Status CheckParameters(Activation id, std::span<const double> parameters) {
  const Row& row = Get(id);
  if (parameters.empty()) return absl::OkStatus();
  if (parameters.size() != row.parameters.size()) {
    return absl::InvalidArgumentError(fmt::format("activation '{}' has {} parameters, got {}",
                                                  row.name, row.parameters.size(),
                                                  parameters.size()));
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = row.parameters[i];
    // Written so that NaN is refused.
    if (!(parameters[i] >= parameter.lowest && parameters[i] <= parameter.highest)) {
      return absl::InvalidArgumentError(
          fmt::format("activation '{}': {} must be in [{}, {}], got {}", row.name, parameter.name,
                      parameter.lowest, parameter.highest, parameters[i]));
    }
  }
  if (id == Activation::kHardtanh && !(parameters[0] < parameters[1])) {
    return absl::InvalidArgumentError(
        fmt::format("activation 'hardtanh': lower must be less than upper, which is {}, got {}",
                    parameters[1], parameters[0]));
  }
  return absl::OkStatus();
}

}  // namespace actium::activation
