#include "models/zoo/init.h"

#include <gtest/gtest.h>

#include <memory>

#include "models/zoo/conv_block.h"

namespace actium::zoo {
namespace {

using activation::Activation;

constexpr int kDepth = 12;

// A deep stack of wide layers without normalisation; the last gives the pre-activations.
torch::nn::Sequential DeepStack(Activation activation) {
  torch::nn::Sequential stack;
  for (int i = 0; i < kDepth; ++i) {
    stack->push_back(ConvBlock({.in_channels = 256,
                                .out_channels = 256,
                                .kernel = 1,
                                .norm = false,
                                .activate = i + 1 < kDepth},
                               {.id = activation}));
  }
  return stack;
}

double OutputVariance(Activation activation, const InitOptions& options) {
  const torch::NoGradGuard no_grad;
  torch::nn::Sequential stack = DeepStack(activation);
  Initialise(*stack, activation, options, 3);
  torch::manual_seed(1);
  // What a layer before would have given.
  const torch::Tensor x =
      ActivationLayer({.id = activation}, 256).forward(torch::randn({64, 256, 1, 1}));
  return stack->forward(x).var().item<double>();
}

TEST(InitialiseTest, KeepsTheSignalsVarianceThroughADeepNetwork) {
  for (const Activation activation :
       {Activation::kSigmoid, Activation::kTanh, Activation::kRelu, Activation::kPrelu,
        Activation::kSwish, Activation::kMish, Activation::kGelu}) {
    const double variance = OutputVariance(activation, {});
    EXPECT_GT(variance, 0.2) << activation::Get(activation).name;
    EXPECT_LT(variance, 5.0) << activation::Get(activation).name;
  }
}

TEST(InitialiseTest, TorchsDefaultLetsTheSignalDieOut) {
  EXPECT_LT(OutputVariance(Activation::kRelu, {.mode = InitMode::kTorchDefault}), 1e-4);
}

torch::Tensor InitialWeights(const InitOptions& options, uint64_t seed) {
  const auto block = std::make_shared<ConvBlock>(ConvBlockOptions{}, ActivationChoice{});
  Initialise(*block, Activation::kRelu, options, seed);
  return block->parameters()[0].detach();
}

TEST(InitialiseTest, ScaleMultipliesTheWeights) {
  EXPECT_TRUE(torch::allclose(3 * InitialWeights({}, 5), InitialWeights({.scale = 3}, 5)));
}

TEST(InitialiseTest, DependsOnTheSeedAndNotOnTorchsGlobalGenerator) {
  torch::manual_seed(1);
  const torch::Tensor weights = InitialWeights({}, 7);
  torch::manual_seed(2);
  EXPECT_TRUE(torch::equal(InitialWeights({}, 7), weights));
  EXPECT_FALSE(torch::equal(InitialWeights({}, 8), weights));
}

}  // namespace
}  // namespace actium::zoo
