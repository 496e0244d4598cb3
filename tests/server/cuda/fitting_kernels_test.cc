#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "server/cuda/contraction.h"
#include "tests/server/cuda/contraction_cases.h"
#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using ::testing::Contains;
using ::testing::UnorderedElementsAreArray;

using cuda::Arithmetics;
using cuda::ContractionKernel;
using cuda::ContractionShape;
using cuda::FittingKernels;
using cuda::Storage;

constexpr Arithmetics kFloat = {.storage = Storage::kFloat};
constexpr Arithmetics kTf32 = {.storage = Storage::kFloat, .tf32 = true};
constexpr Arithmetics kHalf = {.storage = Storage::kHalf};
constexpr Arithmetics kBfloat16 = {.storage = Storage::kBfloat16};
constexpr int kMultiprocessors = 132;

// In the order in which families are tried.
int FamilyOf(const ContractionKernel* kernel) {
  const auto is_in = [&](std::span<const ContractionKernel> family) {
    return kernel >= family.data() && kernel < family.data() + family.size();
  };
  return is_in(cuda::kDepthwiseKernels) ? 0 : is_in(cuda::kTensorCoreKernels) ? 1 : 2;
}

std::vector<const ContractionKernel*> AllThatFit(const ContractionShape& shape,
                                                 const Arithmetics& arithmetics) {
  std::vector<const ContractionKernel*> all;
  const auto add = [&](std::span<const ContractionKernel> family) {
    for (const ContractionKernel& kernel : family) {
      if (kernel.fits(shape, arithmetics)) all.push_back(&kernel);
    }
  };
  add(cuda::kSimtKernels);
  add(cuda::kTensorCoreKernels);
  add(cuda::kDepthwiseKernels);
  return all;
}

ContractionShape Linear(int rows, int in_channels, int out_channels) {
  return {.rows = rows, .in_channels = in_channels, .out_channels = out_channels};
}

std::string_view FirstOf(const ContractionShape& shape, const Arithmetics& arithmetics) {
  return FittingKernels(shape, arithmetics, kMultiprocessors).front()->name;
}

TEST(FittingKernelsTest, AreAllThatFitByFamilyAndAlwaysTheReference) {
  for (const ContractionShape& shape : ContractionShapes()) {
    for (const Arithmetics& arithmetics : {kFloat, kTf32, kHalf, kBfloat16}) {
      for (const int multiprocessors : {1, 7, kMultiprocessors}) {
        SCOPED_TRACE(Describe(shape));
        const auto fitting = FittingKernels(shape, arithmetics, multiprocessors);
        EXPECT_THAT(fitting, UnorderedElementsAreArray(AllThatFit(shape, arithmetics)));
        EXPECT_THAT(fitting, Contains(&cuda::kReferenceKernel));
        EXPECT_TRUE(std::ranges::is_sorted(fitting, {}, FamilyOf));
      }
    }
  }
}

TEST(FittingKernelsTest, TensorCoresTakeWholeVectorsOfUngroupedChannels) {
  const auto on_tensor_cores = [](const ContractionShape& shape, const Arithmetics& arithmetics) {
    return FamilyOf(FittingKernels(shape, arithmetics, 1).front()) == 1;
  };
  EXPECT_TRUE(on_tensor_cores(Linear(1, 8, 1), kHalf));
  EXPECT_TRUE(on_tensor_cores(Linear(1, 8, 1), kBfloat16));
  EXPECT_TRUE(on_tensor_cores(Linear(1, 4, 1), kTf32));
  EXPECT_FALSE(on_tensor_cores(Linear(1, 4, 1), kHalf));
  EXPECT_FALSE(on_tensor_cores(Linear(1, 12, 1), kBfloat16));
  EXPECT_FALSE(on_tensor_cores(Linear(1, 6, 1), kTf32));
  EXPECT_FALSE(on_tensor_cores(Linear(1, 8, 1), kFloat));
  ContractionShape grouped = Linear(1, 32, 32);
  grouped.groups = 2;
  EXPECT_FALSE(on_tensor_cores(grouped, kHalf));
}

TEST(FittingKernelsTest, DepthwiseIsForOneChannelInOneChannelOut) {
  ContractionShape shape = {.in_channels = 8, .out_channels = 8, .groups = 8};
  EXPECT_EQ(FirstOf(shape, kHalf), "depthwise");
  EXPECT_EQ(FirstOf(shape, kFloat), "depthwise");
  shape.out_channels = 16;
  EXPECT_NE(FirstOf(shape, kHalf), "depthwise");
  EXPECT_NE(FirstOf(Linear(8, 1, 1), kHalf), "depthwise");
}

// The tile that wastes least, and large tiles only where there are enough of them.
TEST(FittingKernelsTest, TheTileThatKeepsMultiprocessorsBusyForTheShortestTimeIsFirst) {
  EXPECT_EQ(FirstOf(Linear(64, 64, 16), kHalf), "mma_64x16");
  EXPECT_EQ(FirstOf(Linear(64, 64, 32), kHalf), "mma_64x16");  // Two of them side by side.
  EXPECT_EQ(FirstOf(Linear(64 * kMultiprocessors, 64, 32), kHalf), "mma_64x32");
  EXPECT_EQ(FirstOf(Linear(64 * kMultiprocessors, 64, 64), kHalf), "mma_64x64");
  EXPECT_EQ(FirstOf(Linear(128 * kMultiprocessors, 64, 64), kHalf), "mma_128x64");
  EXPECT_EQ(FirstOf(Linear(128 * kMultiprocessors, 64, 128), kTf32), "mma_128x128");
  EXPECT_EQ(FirstOf(Linear(32, 64, 32), kFloat), "simt_32x32");
  EXPECT_EQ(FirstOf(Linear(64 * kMultiprocessors, 64, 64), kFloat), "simt_64x64");
  EXPECT_EQ(FirstOf(Linear(128 * kMultiprocessors, 64, 64), kFloat), "simt_128x64");
}

}  // namespace
}  // namespace actium::test
