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
#include <vector>

#include "server/activation/with_formula.h"
#include "server/kernels/activation.h"

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
std::vector<float> Inputs(size_t count) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<float> special = {0.0f, -0.0f, kInf, -kInf, 1e-40f, -1e-40f, 3e38f, -3e38f};
  std::mt19937 random(7);
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

class PreluPerChannelTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  // By the scalar formula, which is exact: x or one rounded product.
  static std::vector<float> Expected(std::span<const float> slopes, std::span<const float> in) {
    std::vector<float> out(in.begin(), in.end());
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = activation::scalar::Prelu<float>{slopes[i % slopes.size()]}(in[i]);
    }
    return out;
  }

  static std::vector<float> Slopes(size_t channels) {
    std::vector<float> slopes(channels);
    for (size_t c = 0; c < channels; ++c) slopes[c] = 0.25f - 0.01f * static_cast<float>(c);
    return slopes;
  }

  // Runs out of place and in place, misaligned, between guards.
  static void Check(size_t channels, size_t rows, size_t offset) {
    const std::vector<float> slopes = Slopes(channels);
    const std::vector<float> in = Inputs(rows * channels);
    const std::vector<float> expected = Expected(slopes, in);
    std::vector<float> out(offset + in.size() + 1, kGuard);
    std::vector<float> both = out;
    std::copy(in.begin(), in.end(), both.begin() + static_cast<std::ptrdiff_t>(offset));

    const kernels::PreluFunction prelu = kernels::FindPrelu(GetParam());
    prelu(slopes.data(), channels, in.data(), out.data() + offset, rows);
    prelu(slopes.data(), channels, both.data() + offset, both.data() + offset, rows);

    for (size_t i = 0; i < in.size(); ++i) {
      ASSERT_EQ(Bits(out[offset + i]), Bits(expected[i])) << channels << " channels, at " << i;
      ASSERT_EQ(Bits(both[offset + i]), Bits(expected[i])) << channels << " channels, at " << i;
    }
    for (size_t i = 0; i < offset; ++i) ASSERT_EQ(out[i], kGuard);
    ASSERT_EQ(out.back(), kGuard) << channels << " channels, " << rows << " rows";
    ASSERT_EQ(both.back(), kGuard) << channels << " channels, " << rows << " rows";
  }
};

TEST_P(PreluPerChannelTest, EveryNumberOfChannelsTakesEachChannelsSlope) {
  for (size_t channels = 1; channels <= 140; ++channels) {
    for (const size_t rows : {0u, 1u, 2u, 3u, 19u}) Check(channels, rows, channels % kMostOffset);
  }
}

TEST_P(PreluPerChannelTest, ManyRowsOfFewChannelsTakeEachChannelsSlope) {
  for (const size_t channels : {1u, 3u, 10u, 64u}) Check(channels, 401, 1);
}

TEST_P(PreluPerChannelTest, NoChannelsAndNoRowsDoNothing) {
  const kernels::PreluFunction prelu = kernels::FindPrelu(GetParam());
  const float slope = 0.25f;
  prelu(nullptr, 0, nullptr, nullptr, 5);
  prelu(&slope, 1, nullptr, nullptr, 0);
}

INSTANTIATE_TEST_SUITE_P(Kernels, PreluPerChannelTest,
                         ::testing::ValuesIn(InstructionSets().begin(), InstructionSets().end()),
                         [](const auto& test) { return std::string(Name(test.param)); });

TEST(PreluPerChannelDispatchTest, UsesTheBestInstructionSet) {
  const std::vector<float> slopes = {0.5f, 0.1f};
  std::vector<float> values = {-2.0f, -10.0f, 3.0f, -1.0f};
  kernels::PreluPerChannel(slopes, values.data(), values.data(), 2);
  EXPECT_EQ(values, (std::vector<float>{-1.0f, -1.0f, 3.0f, -0.1f}));
}

}  // namespace
}  // namespace actium::test
