#include "server/activation/gain.h"

#include <gtest/gtest.h>

#include <array>

namespace actium::activation {
namespace {

struct Known {
  Activation id;
  double value;
};

// Computed by others, to the digits given (4 or 3).
TEST(VariancePreservingGainTest, EqualsKnownGains) {
  constexpr Known kGains[] = {
      {Activation::kSigmoid, 3.409}, {Activation::kTanh, 2.536},  {Activation::kLeakyRelu, 1.9998},
      {Activation::kPrelu, 1.882},   {Activation::kSwish, 2.811}, {Activation::kMish, 2.211},
      {Activation::kGelu, 2.352},    {Activation::kElu, 1.551},   {Activation::kHardswish, 3.016}};
  for (const Known& known : kGains) {
    EXPECT_NEAR(VariancePreservingGain(known.id), known.value, 6e-4) << Get(known.id).name;
  }
}

TEST(VariancePreservingGainTest, EqualsTheIntegralsThatAreExact) {
  EXPECT_NEAR(VariancePreservingGain(Activation::kIdentity), 1.0, 1e-9);
  EXPECT_NEAR(VariancePreservingGain(Activation::kRelu), 2.0, 1e-9);
  // SELU's constants make it 1.
  EXPECT_NEAR(VariancePreservingGain(Activation::kSelu), 1.0, 1e-6);
  // 2 / (1 + slope^2).
  EXPECT_NEAR(VariancePreservingGain(Activation::kLeakyRelu, std::array{0.5}), 1.6, 1e-9);
}

TEST(GradientFactorTest, EqualsKnownFactors) {
  constexpr Known kFactors[] = {{Activation::kIdentity, 1.0}, {Activation::kSigmoid, 0.153},
                                {Activation::kTanh, 1.178},   {Activation::kRelu, 1.0},
                                {Activation::kPrelu, 1.0},    {Activation::kLeakyRelu, 1.0},
                                {Activation::kSwish, 1.067},  {Activation::kMish, 1.059}};
  for (const Known& known : kFactors) {
    EXPECT_NEAR(GradientFactor(known.id), known.value, 6e-4) << Get(known.id).name;
  }
}

}  // namespace
}  // namespace actium::activation
