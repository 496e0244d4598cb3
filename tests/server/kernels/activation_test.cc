// The numeric contract of every activation on every instruction set of this machine: special
// values, and every n-th float, n of ACTIUM_SWEEP_STRIDE, against an independent definition in
// float64.

#include "server/kernels/activation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/activation/contract.h"
#include "tests/server/activation/contract_error.h"
#include "tests/server/activation/reference.h"
#include "tests/support/environment.h"

namespace actium::test {
namespace {

using kernels::ActivationKernel;
using kernels::InstructionSet;
using kernels::InstructionSets;

// Of the floats in the order of their bits; primes, so that no bit of the fraction is always the
// same. 1009: 4.3 million of them, all exponents, both signs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr uint32_t kStride = 100003;
#elif defined(__clang__)  // Its baseline is an emulation of vectors by loops.
constexpr uint32_t kStride = 10007;
#else
constexpr uint32_t kStride = 1009;
#endif

uint32_t Stride() { return NumberFromEnvironment("ACTIUM_SWEEP_STRIDE", kStride, 1); }

struct Worst {
  ContractError error = {.excess = -std::numeric_limits<double>::infinity()};
  float input = 0.0f;

  void Meet(const ContractError& other, float at) {
    if (other.excess > error.excess) {
      error.excess = other.excess;
      input = at;
    }
    error.ulp = std::max(error.ulp, other.ulp);
    error.absolute = std::max(error.absolute, other.absolute);
  }
};

// One for each of InstructionSets().
using Worsts = std::vector<Worst>;

// Measures the finite floats whose bits are first, first + stride, ... below 2^32. The reference is
// the expensive part: it is computed once for all instruction sets.
Worsts Sweep(const Contract& contract, uint64_t first, uint64_t stride) {
  std::vector<ActivationKernel> kernels;
  for (const InstructionSet set : InstructionSets()) {
    kernels.push_back(FindActivation(contract.id, contract.parameters, set));
  }
  Worsts worsts(kernels.size());
  std::array<float, 1024> in = {};
  std::array<double, 1024> exact = {};
  std::array<float, 1024> out = {};
  for (uint64_t bits = first; bits <= UINT32_MAX;) {
    size_t count = 0;
    for (; count < in.size() && bits <= UINT32_MAX; bits += stride) {
      const auto x = std::bit_cast<float>(static_cast<uint32_t>(bits));
      if (!std::isfinite(x)) continue;
      in[count] = x;
      exact[count++] = ReferenceValue(contract.id, contract.parameters, x);
    }
    for (size_t k = 0; k < kernels.size(); ++k) {
      kernels[k](in.data(), out.data(), count);
      for (size_t i = 0; i < count; ++i) {
        worsts[k].Meet(JudgeValue(contract, in[i], out[i], exact[i]), in[i]);
      }
    }
  }
  return worsts;
}

Worsts SweepInParallel(const Contract& contract, uint64_t stride) {
  const uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Worsts> parts(threads);
  std::vector<std::thread> pool;
  for (uint32_t i = 0; i < threads; ++i) {
    pool.emplace_back([&, i] { parts[i] = Sweep(contract, i * stride, threads * stride); });
  }
  for (std::thread& thread : pool) thread.join();
  Worsts all = parts[0];
  for (const Worsts& part : parts) {
    for (size_t k = 0; k < all.size(); ++k) all[k].Meet(part[k].error, part[k].input);
  }
  return all;
}

class KernelContractTest : public ::testing::TestWithParam<Contract> {
 protected:
  // f(x) on an instruction set, in a whole vector and its tail.
  static float Value(InstructionSet set, float x) {
    std::array<float, 19> values;
    values.fill(x);
    FindActivation(GetParam().id, GetParam().parameters, set)(values.data(), values.data(),
                                                              values.size());
    for (const float value : values) {
      // Which of two NaNs survives a multiplication is the compiler's choice.
      if (std::isnan(value) && std::isnan(values[0])) continue;
      EXPECT_EQ(std::bit_cast<uint32_t>(value), std::bit_cast<uint32_t>(values[0])) << x;
    }
    return values[0];
  }
};

TEST_P(KernelContractTest, IsWithinItsErrorOfFloat64OnEveryInstructionSet) {
  const Worsts worsts = SweepInParallel(GetParam(), Stride());
  for (size_t k = 0; k < worsts.size(); ++k) {
    const std::string set(Name(InstructionSets()[k]));
    EXPECT_LE(worsts[k].error.excess, 0.0) << set << ", worst input " << worsts[k].input;
    std::printf("%-32s %-8s %3.0f ulp %8.1e abs, nearest to its limit at %.7g\n",
                GetParam().Name().c_str(), set.c_str(), worsts[k].error.ulp,
                worsts[k].error.absolute, worsts[k].input);
    RecordProperty("worst_ulp_" + set, static_cast<int>(worsts[k].error.ulp));
  }
}

TEST_P(KernelContractTest, NanGivesNan) {
  for (const InstructionSet set : InstructionSets()) {
    EXPECT_TRUE(std::isnan(Value(set, std::numeric_limits<float>::quiet_NaN()))) << Name(set);
    EXPECT_TRUE(std::isnan(Value(set, -std::numeric_limits<float>::quiet_NaN()))) << Name(set);
    EXPECT_TRUE(std::isnan(Value(set, std::numeric_limits<float>::signaling_NaN()))) << Name(set);
    // All bits of the fraction: an exponent made of them must not turn it into a number.
    EXPECT_TRUE(std::isnan(Value(set, std::bit_cast<float>(0x7fffffffu)))) << Name(set);
    EXPECT_TRUE(std::isnan(Value(set, std::bit_cast<float>(0xffffffffu)))) << Name(set);
  }
}

TEST_P(KernelContractTest, InfinitiesGiveTheLimits) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto below = static_cast<float>(GetParam().at_minus_infinity);
  for (const InstructionSet set : InstructionSets()) {
    EXPECT_EQ(Value(set, inf), static_cast<float>(GetParam().at_infinity)) << Name(set);
    EXPECT_EQ(Value(set, -inf), below) << Name(set);
    EXPECT_EQ(std::signbit(Value(set, -inf)), std::signbit(below)) << Name(set);
  }
}

TEST_P(KernelContractTest, TheLargestFloatsGiveNoNanAndStaySmallerThanTheLimit) {
  const float largest = std::numeric_limits<float>::max();
  for (const InstructionSet set : InstructionSets()) {
    for (const float x : {largest, -largest}) {
      const double exact = ReferenceValue(GetParam().id, GetParam().parameters, x);
      EXPECT_FLOAT_EQ(Value(set, x), static_cast<float>(exact)) << Name(set) << " " << x;
    }
  }
}

TEST_P(KernelContractTest, ZerosAndDenormalsKeepTheirValue) {
  const float smallest = std::numeric_limits<float>::denorm_min();
  const float normal = std::numeric_limits<float>::min();
  for (const InstructionSet set : InstructionSets()) {
    for (const float x : {0.0f, -0.0f, smallest, -smallest, normal / 3, -normal / 3, normal}) {
      const double exact = ReferenceValue(GetParam().id, GetParam().parameters, x);
      // One step of a denormal, or half a unit in the last place of what is not small.
      EXPECT_NEAR(Value(set, x), exact, std::max<double>(smallest, 1.2e-7 * std::abs(exact)))
          << Name(set) << " " << x;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, KernelContractTest,
                         ::testing::ValuesIn(Contracts().begin(), Contracts().end()),
                         [](const auto& test) { return test.param.Name(); });

TEST(FindActivationTest, TakesTheDefaultsWhenNoParametersAreGiven) {
  for (const activation::Row& row : activation::Table()) {
    std::vector<double> defaults;
    for (const activation::Parameter& parameter : row.parameters) {
      defaults.push_back(parameter.default_value);
    }
    for (const float x : {-7.3f, -0.4f, 0.9f, 6.5f}) {
      float without = 0.0f;
      float with = 1.0f;
      kernels::FindActivation(row.id, {})(&x, &without, 1);
      kernels::FindActivation(row.id, defaults)(&x, &with, 1);
      EXPECT_EQ(without, with) << row.name << " at " << x;
    }
  }
}

TEST(FindActivationTest, UsesTheBestInstructionSetUnlessToldOtherwise) {
  const float x = -1.7f;
  float best = 0.0f;
  float chosen = 1.0f;
  kernels::FindActivation(activation::Activation::kGelu, {})(&x, &best, 1);
  kernels::FindActivation(activation::Activation::kGelu, {}, kernels::BestInstructionSet())(
      &x, &chosen, 1);
  EXPECT_EQ(best, chosen);
}

}  // namespace
}  // namespace actium::test
