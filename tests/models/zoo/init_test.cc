#include "models/zoo/init.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/zoo/conv_block.h"
#include "tests/support/status_matchers.h"

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
  return stack->forward(torch::randn({64, 256, 1, 1})).var().item<double>();
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

TEST(InitialiseTest, ScaleMultipliesTheWeights) {
  ConvBlock one({}, {}), three({}, {});
  Initialise(one, Activation::kRelu, {}, 5);
  Initialise(three, Activation::kRelu, {.scale = 3}, 5);
  EXPECT_TRUE(torch::allclose(3 * one.parameters()[0], three.parameters()[0]));
}

TEST(InitialiseTest, DependsOnTheSeedAndNotOnTorchsGlobalGenerator) {
  const auto weights = [](uint64_t seed, uint64_t global_seed) {
    torch::manual_seed(global_seed);
    ConvBlock block({}, {});
    Initialise(block, Activation::kRelu, {}, seed);
    return block.parameters()[0].detach();
  };
  EXPECT_TRUE(torch::equal(weights(7, 1), weights(7, 2)));
  EXPECT_FALSE(torch::equal(weights(7, 1), weights(8, 1)));
}

}  // namespace
}  // namespace actium::zoo
