// The numeric contract of every activation, scalar back end: value and slope over every n-th float,
// n of ACTIUM_SWEEP_STRIDE, against an independent definition in float64.

#include "tests/server/activation/contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <thread>
#include <vector>

#include "server/activation/with_formula.h"
#include "tests/server/activation/contract_error.h"
#include "tests/server/activation/reference.h"
#include "tests/support/environment.h"

namespace actium::test {
namespace {

using activation::WithFormula;

// Of the floats in the order of their bits. 997: 4.3 million of them, all exponents, both signs; a
// prime, so that no bit of the fraction is always the same.
uint32_t Stride() { return NumberFromEnvironment("ACTIUM_SWEEP_STRIDE", 997, 1); }

// An error that was measured, and where.
struct Worst {
  double error = 0.0;
  float input = 0.0f;

  void Meet(double other, float at) {
    // Written so that NaN counts as the worst.
    if (!(other <= error)) *this = {other, at};
  }
};

struct Measured {
  Worst ulp;   // Where the contract counts in ulp and |f| > kTiny.
  Worst over;  // By how much the allowance was exceeded, any rule of f; 0 is fine.
  Worst absolute;
  Worst slope;  // As Contract::slope_error.

  void Merge(const Measured& other) {
    ulp.Meet(other.ulp.error, other.ulp.input);
    over.Meet(other.over.error, other.over.input);
    absolute.Meet(other.absolute.error, other.absolute.input);
    slope.Meet(other.slope.error, other.slope.input);
  }
};

// Measures the floats whose bits are first, first + stride, ... below 2^32.
Measured Sweep(const Contract& contract, uint64_t first, uint64_t stride) {
  return WithFormula<float>(contract.id, contract.parameters, [&](auto f) {
    Measured measured;
    for (uint64_t bits = first; bits <= UINT32_MAX; bits += stride) {
      const auto x = std::bit_cast<float>(static_cast<uint32_t>(bits));
      if (!std::isfinite(x)) continue;
      const double exact = ReferenceValue(contract.id, contract.parameters, x);
      const ContractError error = JudgeValue(contract, x, f(x), exact);
      measured.over.Meet(std::max(0.0, error.excess), x);
      measured.ulp.Meet(error.ulp, x);
      if (contract.absolute > 0.0) measured.absolute.Meet(error.absolute, x);
      const double slope = ReferenceDerivative(contract.id, contract.parameters, x);
      const double slope_error = std::abs(static_cast<double>(f.Derivative(x)) - slope);
      measured.slope.Meet(slope_error / std::max(std::abs(slope), 0.25), x);
    }
    return measured;
  });
}

Measured SweepInParallel(const Contract& contract, uint64_t stride) {
  const uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Measured> parts(threads);
  std::vector<std::thread> pool;
  for (uint32_t i = 0; i < threads; ++i) {
    pool.emplace_back([&, i] { parts[i] = Sweep(contract, i * stride, threads * stride); });
  }
  for (std::thread& thread : pool) thread.join();
  Measured all;
  for (const Measured& part : parts) all.Merge(part);
  return all;
}

class ContractTest : public ::testing::TestWithParam<Contract> {
 protected:
  float Value(float x) const {
    return WithFormula<float>(GetParam().id, GetParam().parameters, [x](auto f) { return f(x); });
  }
  float Slope(float x) const {
    return WithFormula<float>(GetParam().id, GetParam().parameters,
                              [x](auto f) { return f.Derivative(x); });
  }
};

TEST_P(ContractTest, ValueAndSlopeAreWithinTheirErrorsOfFloat64) {
  const Contract& contract = GetParam();
  const Measured measured = SweepInParallel(contract, Stride());

  EXPECT_EQ(measured.over.error, 0.0) << "worst input " << measured.over.input;
  EXPECT_LE(measured.slope.error, contract.slope_error)
      << "slope, worst input " << measured.slope.input;
  std::printf("%-32s value %3.0f ulp at %-13.7g %8.1e abs   slope %7.1e rel at %.7g\n",
              contract.Name().c_str(), measured.ulp.error, measured.ulp.input,
              measured.absolute.error, measured.slope.error, measured.slope.input);
  RecordProperty("worst_ulp", static_cast<int>(measured.ulp.error));
}

TEST_P(ContractTest, NanGivesNan) {
  EXPECT_TRUE(std::isnan(Value(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(Value(-std::numeric_limits<float>::quiet_NaN())));
}

TEST_P(ContractTest, InfinitiesGiveTheLimits) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto below = static_cast<float>(GetParam().at_minus_infinity);

  EXPECT_EQ(Value(inf), static_cast<float>(GetParam().at_infinity));
  EXPECT_EQ(Value(-inf), below);
  EXPECT_EQ(std::signbit(Value(-inf)), std::signbit(below));
  EXPECT_TRUE(std::isfinite(Slope(inf)));
  EXPECT_TRUE(std::isfinite(Slope(-inf)));
}

TEST_P(ContractTest, TheLargestFloatsGiveNoNanAndStaySmallerThanTheLimit) {
  const float largest = std::numeric_limits<float>::max();
  for (const float x : {largest, -largest}) {
    const double exact = ReferenceValue(GetParam().id, GetParam().parameters, x);
    EXPECT_FLOAT_EQ(Value(x), static_cast<float>(exact)) << x;
    EXPECT_TRUE(std::isfinite(Slope(x))) << x;
  }
}

TEST_P(ContractTest, ZerosAndDenormalsKeepTheirValue) {
  const float smallest = std::numeric_limits<float>::denorm_min();
  const float normal = std::numeric_limits<float>::min();
  for (const float x : {0.0f, -0.0f, smallest, -smallest, normal / 3, -normal / 3, normal}) {
    const double exact = ReferenceValue(GetParam().id, GetParam().parameters, x);
    // One step of a denormal, or half a unit in the last place of what is not small.
    EXPECT_NEAR(Value(x), exact, std::max<double>(smallest, 1.2e-7 * std::abs(exact))) << x;
    EXPECT_TRUE(std::isfinite(Slope(x))) << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, ContractTest,
                         ::testing::ValuesIn(Contracts().begin(), Contracts().end()),
                         [](const auto& test) { return test.param.Name(); });

// A typo in both formulas at once would pass the sweep: the reference's slope is the slope of the
// reference's value.
TEST(ReferenceTest, SlopesAreThoseOfTheValues) {
  for (const Contract& contract : Contracts()) {
    constexpr double kStep = 1e-5;
    for (double x = -9.0 + 0.0123; x < 9.0; x += 0.0371) {
      const double above = ReferenceValue(contract.id, contract.parameters, x + kStep);
      const double below = ReferenceValue(contract.id, contract.parameters, x - kStep);
      EXPECT_NEAR(ReferenceDerivative(contract.id, contract.parameters, x),
                  (above - below) / (2 * kStep), 1e-8)
          << contract.Name() << " at " << x;
    }
  }
}

TEST(ContractsTest, CoverEveryActivation) {
  for (const activation::Row& row : activation::Table()) {
    EXPECT_TRUE(std::ranges::any_of(Contracts(), [&](const Contract& contract) {
      return contract.id == row.id;
    })) << row.name;
  }
}

}  // namespace
}  // namespace actium::test
