// Compiles formulas-inl.h for a back end of lanes, as SIMD will be: a value type that is no number,
// a mask type that is no bool, parameters that differ from lane to lane. Counts what it evaluates.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "server/activation/scalar.h"

namespace actium::activation {
namespace lanes {

constexpr size_t kLanes = 4;

struct Mask {
  std::array<bool, kLanes> lane;
};

struct Vector {
  std::array<float, kLanes> lane;

  explicit Vector(double x) { lane.fill(static_cast<float>(x)); }
  explicit Vector(std::array<float, kLanes> x) : lane(x) {}
};

int exponentials = 0;
int logarithms = 0;

template <class Function>
Vector ForEach(Function f) {
  Vector result(0.0);
  for (size_t i = 0; i < kLanes; ++i) result.lane[i] = f(i);
  return result;
}

Vector operator+(Vector a, Vector b) {
  return ForEach([&](size_t i) { return a.lane[i] + b.lane[i]; });
}
Vector operator-(Vector a, Vector b) {
  return ForEach([&](size_t i) { return a.lane[i] - b.lane[i]; });
}
Vector operator*(Vector a, Vector b) {
  return ForEach([&](size_t i) { return a.lane[i] * b.lane[i]; });
}
Vector operator/(Vector a, Vector b) {
  return ForEach([&](size_t i) { return a.lane[i] / b.lane[i]; });
}
Vector operator-(Vector a) {
  return ForEach([&](size_t i) { return -a.lane[i]; });
}
Mask operator<(Vector a, Vector b) {
  Mask mask;
  for (size_t i = 0; i < kLanes; ++i) mask.lane[i] = a.lane[i] < b.lane[i];
  return mask;
}
Mask operator>(Vector a, Vector b) { return b < a; }

Vector Select(Mask mask, Vector a, Vector b) {
  return ForEach([&](size_t i) { return mask.lane[i] ? a.lane[i] : b.lane[i]; });
}
Vector Min(Vector a, Vector b) { return Select(a < b, a, b); }
Vector Max(Vector a, Vector b) { return Select(a > b, a, b); }
Vector NegMulAdd(Vector a, Vector b, Vector c) { return c - a * b; }
Vector Abs(Vector a) {
  return ForEach([&](size_t i) { return std::fabs(a.lane[i]); });
}
Vector Exp(Vector a) {
  ++exponentials;
  return ForEach([&](size_t i) { return std::exp(a.lane[i]); });
}
Vector Expm1(Vector a) {
  ++exponentials;
  return ForEach([&](size_t i) { return std::expm1(a.lane[i]); });
}
Vector Log1p(Vector a) {
  ++logarithms;
  return ForEach([&](size_t i) { return std::log1p(a.lane[i]); });
}
Vector NormalTail(Vector a) {
  return ForEach([&](size_t i) { return activation::scalar::NormalTail(a.lane[i]); });
}

#define ACTIUM_FN inline
#include "server/activation/formulas-inl.h"
#undef ACTIUM_FN

}  // namespace lanes

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

// Both back ends give the same bits, value and slope, at 4 inputs at once.
template <class LanesFormula, class ScalarFormula>
void ExpectEqualBackEnds(LanesFormula lanes_formula, ScalarFormula scalar_formula) {
  for (float x = -40.0f; x <= 40.0f; x += 0.37f) {
    const std::array<float, lanes::kLanes> inputs = {x, -x, x / 100, x > 0 ? kInf : -kInf};
    const lanes::Vector value = lanes_formula(lanes::Vector(inputs));
    const lanes::Vector slope = lanes_formula.Derivative(lanes::Vector(inputs));
    for (size_t i = 0; i < lanes::kLanes; ++i) {
      EXPECT_EQ(value.lane[i], scalar_formula(inputs[i])) << "input " << inputs[i];
      EXPECT_EQ(slope.lane[i], scalar_formula.Derivative(inputs[i])) << "input " << inputs[i];
    }
  }
}

TEST(FormulasTest, ABackEndOfLanesEqualsTheScalarOne) {
  ExpectEqualBackEnds(lanes::Identity(), scalar::Identity());
  ExpectEqualBackEnds(lanes::Sigmoid(), scalar::Sigmoid());
  ExpectEqualBackEnds(lanes::Tanh(), scalar::Tanh());
  ExpectEqualBackEnds(lanes::Relu(), scalar::Relu());
  ExpectEqualBackEnds(lanes::LeakyRelu<float>{0.01f}, scalar::LeakyRelu<float>{0.01f});
  ExpectEqualBackEnds(lanes::Swish<float>{1.0f}, scalar::Swish<float>{1.0f});
  ExpectEqualBackEnds(lanes::Mish(), scalar::Mish());
  ExpectEqualBackEnds(lanes::Gelu(), scalar::Gelu());
  ExpectEqualBackEnds(lanes::GeluTanh(), scalar::GeluTanh());
  ExpectEqualBackEnds(lanes::Elu<float>{0.5f}, scalar::Elu<float>{0.5f});
  ExpectEqualBackEnds(lanes::Selu(), scalar::Selu());
  ExpectEqualBackEnds(lanes::Celu<float>{0.5f}, scalar::Celu<float>{0.5f});
  ExpectEqualBackEnds(lanes::Hardswish(), scalar::Hardswish());
  ExpectEqualBackEnds(lanes::Hardsigmoid(), scalar::Hardsigmoid());
  ExpectEqualBackEnds(lanes::Hardtanh<float>{0.0f, 6.0f}, scalar::Hardtanh<float>{0.0f, 6.0f});
  ExpectEqualBackEnds(lanes::Softplus<float>{2.0f}, scalar::Softplus<float>{2.0f});
  ExpectEqualBackEnds(lanes::Softsign(), scalar::Softsign());
}

TEST(FormulasTest, PreluTakesOneSlopeForAllChannelsOrOneForEach) {
  const lanes::Vector x(std::array{-2.0f, -2.0f, -2.0f, 2.0f});
  const lanes::Vector slopes(std::array{0.25f, -0.5f, 0.0f, 0.125f});

  EXPECT_EQ(lanes::Prelu<float>{0.25f}(x).lane, (std::array{-0.5f, -0.5f, -0.5f, 2.0f}));
  EXPECT_EQ(lanes::Prelu<lanes::Vector>{slopes}(x).lane, (std::array{-0.5f, 1.0f, -0.0f, 2.0f}));
  EXPECT_EQ(lanes::Prelu<lanes::Vector>{slopes}.Derivative(x).lane,
            (std::array{0.25f, -0.5f, 0.0f, 1.0f}));
}

class CostTest : public ::testing::Test {
 protected:
  CostTest() { lanes::exponentials = lanes::logarithms = 0; }
  const lanes::Vector x_ = lanes::Vector(0.5);
};

TEST_F(CostTest, MishIsOneExponentialAndNoLogarithm) {
  lanes::Mish()(x_);
  EXPECT_EQ(lanes::exponentials, 1);
  lanes::Mish().Derivative(x_);
  EXPECT_EQ(lanes::exponentials, 2);
  EXPECT_EQ(lanes::logarithms, 0);
}

TEST_F(CostTest, SwishIsOneExponentialAndNoLogarithm) {
  lanes::Swish<float>{1.0f}(x_);
  EXPECT_EQ(lanes::exponentials, 1);
  lanes::Swish<float>{1.0f}.Derivative(x_);
  EXPECT_EQ(lanes::exponentials, 2);
  EXPECT_EQ(lanes::logarithms, 0);
}

}  // namespace
}  // namespace actium::activation
