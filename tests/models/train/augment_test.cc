#include "models/train/augment.h"

#include <gtest/gtest.h>

#include <set>

namespace actium::train {
namespace {

torch::Generator Seeded(uint64_t seed) {
  return torch::make_generator<torch::CPUGeneratorImpl>(seed);
}

// One bright pixel at (2, 1) of each 6x6 image.
torch::Tensor Dots(int64_t count) {
  torch::Tensor images = torch::zeros({count, 1, 6, 6}, torch::kUInt8);
  images.index_put_({torch::indexing::Slice(), 0, 2, 1}, 200);
  return images;
}

TEST(RandomFlipTest, MirrorsAboutHalfAndLeavesTheRest) {
  torch::Generator generator = Seeded(1);
  const torch::Tensor images = Dots(1000);
  const torch::Tensor flipped = RandomFlip(images, generator);
  EXPECT_EQ(flipped.dtype(), torch::kUInt8);
  int64_t mirrored = 0;
  for (int64_t i = 0; i < images.size(0); ++i) {
    const bool same = torch::equal(flipped[i], images[i]);
    ASSERT_TRUE(same || torch::equal(flipped[i], images[i].flip({2})));
    if (!same) ++mirrored;
  }
  EXPECT_NEAR(static_cast<double>(mirrored), 500, 5 * 16);  // Five standard deviations.
}

TEST(RandomShiftTest, MovesWholeImagesWithinTheBoundAndFillsWithZero) {
  torch::Generator generator = Seeded(2);
  const torch::Tensor moved = RandomShift(Dots(500), 1, generator);
  std::set<std::pair<int64_t, int64_t>> places;
  for (int64_t i = 0; i < moved.size(0); ++i) {
    const torch::Tensor at = moved[i][0].nonzero();
    ASSERT_EQ(at.size(0), 1);
    places.insert({at[0][0].item<int64_t>(), at[0][1].item<int64_t>()});
  }
  EXPECT_EQ(places.size(), 9u) << "all nine shifts by at most one pixel";
  EXPECT_TRUE(places.contains({1, 0}) && places.contains({3, 2}));
}

TEST(RandomShiftTest, ZeroMovesNothing) {
  torch::Generator generator = Seeded(3);
  EXPECT_TRUE(torch::equal(RandomShift(Dots(4), 0, generator), Dots(4)));
}

TEST(AugmentTest, EqualSeedsGiveEqualImages) {
  torch::Generator a = Seeded(9), b = Seeded(9);
  EXPECT_TRUE(torch::equal(RandomFlip(Dots(64), a), RandomFlip(Dots(64), b)));
  EXPECT_TRUE(torch::equal(RandomShift(Dots(64), 2, a), RandomShift(Dots(64), 2, b)));
}

}  // namespace
}  // namespace actium::train
