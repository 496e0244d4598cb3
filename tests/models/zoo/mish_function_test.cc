#include "models/zoo/mish_function.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "models/zoo/mish_kernel.h"
#include "server/activation/table.h"
#include "tests/support/ulp.h"

namespace actium::zoo {
namespace {

using activation::Activation;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
// Below it e^x is subnormal, and relative error means nothing.
constexpr double kTiny = 1e-30;

// From -90 to 90 in steps that hit no round number.
std::vector<float> Inputs() {
  std::vector<float> inputs;
  for (double x = -90; x < 90; x += 0.00037) inputs.push_back(static_cast<float>(x));
  return inputs;
}

TEST(MishKernelTest, ForwardIsWithinFiveUlpOfFloat64) {
  const std::vector<float> x = Inputs();
  std::vector<float> y(x.size());
  MishForward(x.data(), y.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = activation::Evaluate(Activation::kMish, {}, double{x[i]});
    if (std::abs(expected) < kTiny) {
      ASSERT_NEAR(y[i], expected, kTiny) << "input " << x[i];
    } else {
      ASSERT_LE(test::UlpDistance(y[i], static_cast<float>(expected)), 5) << "input " << x[i];
    }
  }
}

TEST(MishKernelTest, BackwardIsTheDerivativeTimesTheGradient) {
  const std::vector<float> x = Inputs();
  const std::vector<float> dy(x.size(), 2.0f);
  std::vector<float> dx(x.size());
  MishBackward(x.data(), dy.data(), dx.data(), static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = 2 * activation::Derivative(Activation::kMish, {}, double{x[i]});
    // The derivative crosses 0, so an absolute bound: a few roundings of numbers about 1.
    ASSERT_NEAR(dx[i], expected, 2e-6 * std::abs(expected) + 5e-7) << "input " << x[i];
  }
}

TEST(MishKernelTest, KeepsSpecialValues) {
  const std::array<float, 5> x = {0.0f, -0.0f, kInf, -kInf, kNan};
  std::array<float, 5> y = {};
  MishForward(x.data(), y.data(), 5);
  EXPECT_EQ(y[0], 0.0f);
  EXPECT_TRUE(std::signbit(y[1])) << "mish(-0) must be -0";
  EXPECT_EQ(y[2], kInf);
  EXPECT_EQ(y[3], 0.0f);
  EXPECT_TRUE(std::isnan(y[4]));
}

// The vector loop and its tail must agree, and write nothing behind the end.
TEST(MishKernelTest, GivesTheSameAtEveryLengthAndOffset) {
  constexpr float kGuard = 123.0f;
  std::vector<float> x(80);
  for (size_t i = 0; i < x.size(); ++i) x[i] = 0.37f * static_cast<float>(i) - 15.0f;
  std::vector<float> all(x.size());
  MishForward(x.data(), all.data(), static_cast<int64_t>(x.size()));
  for (size_t offset = 0; offset < 8; ++offset) {
    for (size_t length = 0; length + offset < 70; ++length) {
      std::vector<float> y(length + 1, kGuard);
      MishForward(x.data() + offset, y.data(), static_cast<int64_t>(length));
      ASSERT_EQ(y[length], kGuard);
      for (size_t i = 0; i < length; ++i) {
        ASSERT_LE(test::UlpDistance(y[i], all[offset + i]), 1) << offset << "+" << i;
      }
    }
  }
}

TEST(FusedMishTest, AgreesWithTorchInBothDirections) {
  const torch::Tensor x = torch::linspace(-20, 30, 4 * 6 * 5 * 7).reshape({4, 6, 5, 7});
  const torch::Tensor weight = torch::linspace(-1, 1, x.numel()).reshape(x.sizes());
  const auto gradient = [&](torch::Tensor input, auto function) {
    input = input.detach().requires_grad_();
    (function(input) * weight).sum().backward();
    return input.grad();
  };
  for (const torch::Tensor& input : {x, x.contiguous(torch::MemoryFormat::ChannelsLast)}) {
    EXPECT_TRUE(torch::allclose(FusedMish(input), torch::mish(input), 1e-5, 1e-6));
    EXPECT_TRUE(torch::allclose(gradient(input, FusedMish),
                                gradient(input, [](const auto& t) { return torch::mish(t); }), 1e-4,
                                1e-6));
  }
}

TEST(FusedMishTest, TakesInputsWithGapsAndRepeatedElements) {
  const torch::Tensor wide = torch::linspace(-5, 5, 60).reshape({6, 10});
  const torch::Tensor gaps = wide.slice(1, 0, 10, 2);
  const torch::Tensor repeated = wide.slice(1, 3, 4).expand({6, 5});
  EXPECT_TRUE(torch::allclose(FusedMish(gaps), torch::mish(gaps), 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(FusedMish(repeated), torch::mish(repeated), 1e-5, 1e-6));
}

}  // namespace
}  // namespace actium::zoo
