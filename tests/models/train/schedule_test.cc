#include "models/train/schedule.h"

#include <gtest/gtest.h>

namespace actium::train {
namespace {

TEST(CosineRateTest, StartsAtTheGivenRateAndHalvesInTheMiddle) {
  EXPECT_DOUBLE_EQ(CosineRate(0.1, 0, 1000), 0.1);
  EXPECT_NEAR(CosineRate(0.1, 500, 1000), 0.05, 1e-15);
}

TEST(CosineRateTest, FallsWithEachStepAndStaysAboveZero) {
  for (int step = 1; step < 1000; ++step) {
    EXPECT_LT(CosineRate(0.1, step, 1000), CosineRate(0.1, step - 1, 1000));
    EXPECT_GT(CosineRate(0.1, step, 1000), 0);
  }
}

TEST(CosineRateTest, OneStepHasTheWholeRate) { EXPECT_DOUBLE_EQ(CosineRate(0.3, 0, 1), 0.3); }

}  // namespace
}  // namespace actium::train
