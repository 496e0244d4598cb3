// Every activation as the pointwise kernel computes it: all numbers of the 16-bit
// types, a sample of the floats.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "server/cuda/pointwise.h"
#include "tests/server/activation/contract.h"
#include "tests/server/activation/contract_error.h"
#include "tests/server/activation/reference.h"
#include "tests/server/cuda/kernel_test.h"
#include "tests/support/environment.h"

namespace actium::test {
namespace {

using cuda::Storage;

// Of the floats in the order of their bits; primes, so that no bit of the fraction is always the
// same. 14009: 300,000 of them, all exponents, both signs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint32_t kFloatStride = 200003;
constexpr uint32_t kBitsStride = 7;
#else
constexpr uint32_t kFloatStride = 14009;
constexpr uint32_t kBitsStride = 1;
#endif

// Largest errors, in units in the last place of the type, of which rounding alone takes 0.5.
double MostUlp(Storage storage) { return storage == Storage::kHalf ? 0.52 : 0.51; }
// Where |f| <= kTiny, a bfloat16 may come from an exponential that was flushed to 0.
constexpr double kFlushed = 4e-36;

class ActivationsTest : public KernelTest, public ::testing::WithParamInterface<Contract> {
 protected:
  // Returns f(x) for all x.
  std::vector<float> Run(Storage storage, const std::vector<float>& xs) {
    const Contract& contract = GetParam();
    cuda::PointwiseArguments arguments;
    arguments.program.steps = 1;
    cuda::Step& step = arguments.program.step[0];
    step.function = static_cast<uint8_t>(contract.id);
    step.left.source = cuda::Source::kPrevious;
    for (size_t i = 0; i < contract.parameters.size(); ++i) {
      step.parameters[i] = static_cast<float>(contract.parameters[i]);
    }
    if (contract.id == activation::Activation::kPrelu) {
      step.right.source = cuda::Source::kOperand;
      arguments.program.operands[0].data = UploadNumbers(Storage::kFloat, {step.parameters[0]});
    }
    const Guarded y = AllocateNumbers(storage, std::ssize(xs));
    arguments.x = UploadNumbers(storage, xs);
    arguments.y = y.data;
    arguments.count = static_cast<uint32_t>(xs.size());
    EXPECT_EQ(cuda::RunPointwise(storage, arguments, nullptr), cudaSuccess);
    return ReadNumbers(storage, y);
  }

  static double Exact(float x) {
    const Contract& contract = GetParam();
    if (std::isinf(x)) return x < 0 ? contract.at_minus_infinity : contract.at_infinity;
    return std::isnan(x) ? double{x} : ReferenceValue(contract.id, contract.parameters, x);
  }

  void ExpectAllOf16Bits(Storage storage);
};

// Numbers of all exponents and signs, infinities and NaN, each float around where formulas change.
std::vector<float> SampledFloats(uint32_t stride) {
  std::vector<float> floats;
  const auto add = [&](uint32_t bits) { floats.push_back(std::bit_cast<float>(bits)); };
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += stride) add(static_cast<uint32_t>(bits));
  for (const float place : {0.0f, 0x1p-126f, 3.0f, 11.0f, 20.0f, 88.0f, 104.0f, 1e4f}) {
    for (uint32_t i = 0; i < 200; ++i) {
      add(std::bit_cast<uint32_t>(place) + i);
      add(std::bit_cast<uint32_t>(-place) + i);
    }
  }
  const float infinity = std::numeric_limits<float>::infinity();
  floats.insert(floats.end(), {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()});
  return floats;
}

TEST_P(ActivationsTest, FloatsKeepTheContractOfFloat32) {
  const uint32_t stride = NumberFromEnvironment("ACTIUM_SWEEP_STRIDE", kFloatStride, 997);
  const std::vector<float> xs = SampledFloats(stride);
  const std::vector<float> ys = Run(Storage::kFloat, xs);
  double worst_ulp = 0.0;
  for (size_t i = 0; i < xs.size(); ++i) {
    const double exact = Exact(xs[i]);
    if (!std::isfinite(xs[i])) {
      ASSERT_TRUE(AreSame(ys[i], static_cast<float>(exact))) << xs[i] << " gives " << ys[i];
      continue;
    }
    const ContractError error = JudgeValue(GetParam(), xs[i], ys[i], exact);
    ASSERT_LE(error.excess, 0.0) << xs[i] << " gives " << ys[i] << ", not " << exact;
    worst_ulp = std::max(worst_ulp, error.ulp);
  }
  RecordProperty("worst_ulp", std::to_string(worst_ulp));
}

void ActivationsTest::ExpectAllOf16Bits(Storage storage) {
  std::vector<float> xs;
  for (uint32_t bits = 0; bits < 0x10000; bits += kBitsStride) {
    xs.push_back(NumberOfBits(storage, static_cast<uint16_t>(bits)));
  }
  std::vector<double> exact;
  for (const float x : xs) exact.push_back(Exact(x));
  double worst = 0.0;
  for (const FastMath& errors : FastMathErrors()) {
    SetFastMathErrors(errors);
    const std::vector<float> ys = Run(storage, xs);
    for (size_t i = 0; i < xs.size(); ++i) {
      const float nearest = Rounded(storage, static_cast<float>(exact[i]));
      if (!std::isfinite(nearest)) {
        ASSERT_TRUE(AreSame(ys[i], nearest)) << xs[i] << " gives " << ys[i];
        continue;
      }
      const double error = std::abs(double{ys[i]} - exact[i]);
      if (storage == Storage::kBfloat16 && std::abs(exact[i]) <= kTiny && error <= kFlushed) {
        continue;
      }
      const double ulp = error / UnitInLastPlace(storage, exact[i]);
      ASSERT_LE(ulp, MostUlp(storage)) << xs[i] << " gives " << ys[i] << ", not " << exact[i];
      worst = std::max(worst, ulp);
    }
    FreeAll();
  }
  RecordProperty("worst_ulp", std::to_string(worst));
}

TEST_P(ActivationsTest, EveryHalfIsRoundedOnce) { ExpectAllOf16Bits(Storage::kHalf); }

TEST_P(ActivationsTest, EveryBfloat16IsRoundedOnce) { ExpectAllOf16Bits(Storage::kBfloat16); }

INSTANTIATE_TEST_SUITE_P(Contracts, ActivationsTest,
                         ::testing::ValuesIn(Contracts().begin(), Contracts().end()),
                         [](const auto& test) { return test.param.Name(); });

}  // namespace
}  // namespace actium::test
