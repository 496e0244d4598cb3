#include "models/zoo/init.h"

#include <cmath>

#include "server/activation/gain.h"

namespace actium::zoo {
namespace {

// Inputs that one output is the weighted sum of; dimension 0 of the weight is the outputs.
double FanIn(const torch::Tensor& weight) {
  return static_cast<double>(weight.numel() / weight.size(0));
}

}  // namespace

void Initialise(torch::nn::Module& network, activation::Activation activation,
                const InitOptions& options, uint64_t seed) {
  const torch::NoGradGuard no_grad;
  torch::Generator generator = torch::make_generator<torch::CPUGeneratorImpl>(seed);
  const double gain = activation::VariancePreservingGain(activation);

  // modules() lists children in the order of their registration.
  for (const auto& module : network.modules()) {
    if (auto* conv = module->as<torch::nn::Conv2dImpl>()) {
      const double fan_in = FanIn(conv->weight);
      if (options.mode == InitMode::kVariancePreserving) {
        conv->weight.normal_(0.0, std::sqrt(gain / fan_in), generator);
      } else {
        const double bound = 1 / std::sqrt(fan_in);
        conv->weight.uniform_(-bound, bound, generator);
      }
      conv->weight.mul_(options.scale);
      if (conv->bias.defined()) conv->bias.zero_();
    } else if (auto* linear = module->as<torch::nn::LinearImpl>()) {
      // Nothing follows it, so its gain is 1 whatever the activation.
      linear->weight.normal_(0.0, 1 / std::sqrt(FanIn(linear->weight)), generator);
      linear->bias.zero_();
    }
  }
}

}  // namespace actium::zoo
