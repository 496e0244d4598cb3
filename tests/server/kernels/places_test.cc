// What surrounds a number does not change its result: alignment, length, place in a vector, working
// in place. Nothing outside of the range is touched.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/activation/with_formula.h"
#include "server/kernels/activation.h"
#include "server/kernels/binary.h"

namespace actium::test {
namespace {

using activation::Activation;
using kernels::ActivationKernel;
using kernels::InstructionSet;
using kernels::InstructionSets;

constexpr float kGuard = 12345.5f;
// Longer than four of the longest vectors; the widest vector is 16 floats.
constexpr size_t kMostFloats = 70;
constexpr size_t kMostOffset = 17;

uint32_t Bits(float x) { return std::bit_cast<uint32_t>(x); }

// Ordinary numbers with special ones among them.
std::vector<float> Inputs(size_t count, uint32_t seed = 7) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<float> special = {0.0f, -0.0f, kInf, -kInf, 1e-40f, -1e-40f, 3e38f, -3e38f};
  std::mt19937 random(seed);
  std::vector<float> inputs(count);
  for (float& x : inputs) {
    // Not a distribution of the standard library's: those differ between libraries.
    x = static_cast<float>(random() % 40001) / 1000.0f - 20.0f;
    if (random() % 8 == 0) x = special[random() % special.size()];
  }
  return inputs;
}

// The results, each computed alone.
std::vector<float> OneByOne(const ActivationKernel& kernel, std::span<const float> inputs) {
  std::vector<float> results(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) kernel(&inputs[i], &results[i], 1);
  return results;
}

struct Case {
  Activation id;
  InstructionSet set;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const activation::Row& row : activation::Table()) {
    for (const InstructionSet set : InstructionSets()) cases.push_back({row.id, set});
  }
  return cases;
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) {
  return std::string(activation::Get(info.param.id).name) + "_" + std::string(Name(info.param.set));
}

class PlacesTest : public ::testing::TestWithParam<Case> {
 protected:
  // Expects the results in the middle of guards.
  static void Expect(std::span<const float> results, std::span<const float> buffer, size_t offset,
                     size_t count) {
    for (size_t i = 0; i < buffer.size(); ++i) {
      const bool inside = i >= offset && i < offset + count;
      const float expected = inside ? results[i - offset] : kGuard;
      ASSERT_EQ(Bits(buffer[i]), Bits(expected))
          << "at " << i << ", offset " << offset << ", count " << count;
    }
  }

  const ActivationKernel kernel_ = FindActivation(GetParam().id, {}, GetParam().set);
  const std::vector<float> inputs_ = Inputs(kMostFloats + kMostOffset);
  const std::vector<float> results_ = OneByOne(kernel_, inputs_);
};

TEST_P(PlacesTest, EveryLengthAndAlignmentGivesTheSame) {
  for (size_t count = 0; count <= kMostFloats; ++count) {
    // Input and output are misaligned in different ways; each x meets every place in a vector.
    const size_t in_offset = count % kMostOffset;
    const size_t out_offset = (count * 5 + 1) % kMostOffset;
    std::vector<float> buffer(kMostFloats + 2 * kMostOffset, kGuard);
    kernel_(inputs_.data() + in_offset, buffer.data() + out_offset, count);
    Expect(std::span(results_).subspan(in_offset), buffer, out_offset, count);
  }
}

TEST_P(PlacesTest, InPlaceGivesTheSame) {
  for (size_t count = 0; count <= kMostFloats; ++count) {
    const size_t offset = count % kMostOffset;
    std::vector<float> buffer(kMostFloats + 2 * kMostOffset, kGuard);
    std::copy_n(inputs_.begin(), count, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
    kernel_(buffer.data() + offset, buffer.data() + offset, count);
    Expect(results_, buffer, offset, count);
  }
}

// A range of exactly so many floats on the heap: AddressSanitizer sees a read behind it.
TEST_P(PlacesTest, NothingBehindTheRangeIsRead) {
  for (const size_t count : {1u, 15u, 16u, 17u, 33u}) {
    const std::vector<float> in(inputs_.begin(),
                                inputs_.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<float> out(count);
    kernel_(in.data(), out.data(), count);
    Expect(results_, out, 0, count);
  }
}

TEST_P(PlacesTest, NoFloatsMayBeNull) { kernel_(nullptr, nullptr, 0); }

INSTANTIATE_TEST_SUITE_P(Kernels, PlacesTest, ::testing::ValuesIn(Cases()), CaseName);

struct BinaryCase {
  kernels::Binary op;
  InstructionSet set;
};

std::vector<BinaryCase> BinaryCases() {
  using enum kernels::Binary;
  std::vector<BinaryCase> cases;
  for (const kernels::Binary op : {kAdd, kSubtract, kMultiply, kDivide, kPrelu}) {
    for (const InstructionSet set : InstructionSets()) cases.push_back({op, set});
  }
  return cases;
}

class BinaryTest : public ::testing::TestWithParam<BinaryCase> {
 protected:
  // By the processor's own arithmetic, each a single rounding.
  static float Expected(float left, float right) {
    switch (GetParam().op) {
      case kernels::Binary::kAdd:
        return left + right;
      case kernels::Binary::kSubtract:
        return left - right;
      case kernels::Binary::kMultiply:
        return left * right;
      case kernels::Binary::kDivide:
        return left / right;
      case kernels::Binary::kPrelu:
        return activation::scalar::Prelu<float>{right}(left);
    }
    return kGuard;
  }

  // Expects the results in the middle of guards.
  void Expect(std::span<const float> buffer, size_t offset, size_t count) const {
    for (size_t i = 0; i < buffer.size(); ++i) {
      const bool inside = i >= offset && i < offset + count;
      const float expected = inside ? Expected(left_[i - offset], right_[i - offset]) : kGuard;
      if (std::isnan(expected) && std::isnan(buffer[i])) continue;  // Any NaN will do.
      ASSERT_EQ(Bits(buffer[i]), Bits(expected))
          << "at " << i << ", offset " << offset << ", count " << count;
    }
  }

  // A buffer of guards with numbers from `offset` on.
  static std::vector<float> Guarded(std::span<const float> numbers, size_t offset) {
    std::vector<float> buffer(kMostFloats + 2 * kMostOffset, kGuard);
    std::ranges::copy(numbers, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
    return buffer;
  }

  const kernels::BinaryKernel kernel_ = kernels::FindBinary(GetParam().op, GetParam().set);
  const std::vector<float> left_ = Inputs(kMostFloats, 7);
  const std::vector<float> right_ = Inputs(kMostFloats, 8);
};

TEST_P(BinaryTest, EveryLengthAndAlignmentGivesEachPairsResult) {
  for (size_t count = 0; count <= kMostFloats; ++count) {
    const size_t offset = count % kMostOffset;
    std::vector<float> buffer = Guarded({}, 0);
    kernel_(left_.data(), right_.data(), buffer.data() + offset, count);
    Expect(buffer, offset, count);
  }
}

TEST_P(BinaryTest, EitherOperandMayBeTheResult) {
  for (size_t count = 0; count <= kMostFloats; ++count) {
    const size_t offset = count % kMostOffset;
    std::vector<float> left = Guarded(std::span(left_).first(count), offset);
    kernel_(left.data() + offset, right_.data(), left.data() + offset, count);
    Expect(left, offset, count);
    std::vector<float> right = Guarded(std::span(right_).first(count), offset);
    kernel_(left_.data(), right.data() + offset, right.data() + offset, count);
    Expect(right, offset, count);
  }
}

// Ranges of exactly so many floats on the heap: AddressSanitizer sees a read behind them.
TEST_P(BinaryTest, NothingBehindTheRangesIsRead) {
  for (const size_t count : {1u, 15u, 16u, 17u, 33u}) {
    const auto end = static_cast<std::ptrdiff_t>(count);
    const std::vector<float> left(left_.begin(), left_.begin() + end);
    const std::vector<float> right(right_.begin(), right_.begin() + end);
    std::vector<float> out(count);
    kernel_(left.data(), right.data(), out.data(), count);
    Expect(out, 0, count);
  }
}

TEST_P(BinaryTest, NoFloatsMayBeNull) { kernel_(nullptr, nullptr, nullptr, 0); }

std::string BinaryCaseName(const ::testing::TestParamInfo<BinaryCase>& info) {
  constexpr std::string_view kNames[] = {"add", "subtract", "multiply", "divide", "prelu"};
  return std::string(kNames[static_cast<size_t>(info.param.op)]) + "_" +
         std::string(Name(info.param.set));
}

INSTANTIATE_TEST_SUITE_P(Kernels, BinaryTest, ::testing::ValuesIn(BinaryCases()), BinaryCaseName);

}  // namespace
}  // namespace actium::test
