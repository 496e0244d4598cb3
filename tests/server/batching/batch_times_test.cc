#include "server/batching/batch_times.h"

#include <gtest/gtest.h>

namespace actium::batching {
namespace {

using std::chrono::microseconds;

TEST(BatchTimesTest, NothingMeasuredSaysNothing) {
  BatchTimes times;
  EXPECT_EQ(times.EfficientRows(), 0);
  EXPECT_FALSE(times.Add(8, microseconds(0)));
  EXPECT_EQ(times.EfficientRows(), 0);
}

TEST(BatchTimesTest, WhereRowsCostTheSameTheLeastSizeIsEnough) {
  BatchTimes times;
  for (const int rows : {1, 2, 4, 8, 16, 64}) times.Add(rows, microseconds(50 * rows));
  EXPECT_EQ(times.EfficientRows(), kLeastEfficientRows);
}

TEST(BatchTimesTest, AFixedCostNeedsRowsToShareIt) {
  BatchTimes times;
  for (const int rows : {1, 8, 16, 32, 64}) times.Add(rows, microseconds(100 + 50 * rows));
  EXPECT_EQ(times.EfficientRows(), 16) << "56 us per row against 52 at 64";
}

TEST(BatchTimesTest, AConstantCostWantsTheLargestBatch) {
  BatchTimes times;
  for (const int rows : {1, 8, 32, 64}) times.Add(rows, microseconds(100));
  EXPECT_EQ(times.EfficientRows(), 64);
}

TEST(BatchTimesTest, TheLargestSizeIsTakenIfOnlySmallOnesAreGood) {
  BatchTimes times;
  times.Add(1, microseconds(10));
  times.Add(16, microseconds(500));
  EXPECT_EQ(times.EfficientRows(), 16);
}

TEST(BatchTimesTest, TheFastestRunOfASizeCounts) {
  BatchTimes times;
  times.Add(8, microseconds(900));
  times.Add(64, microseconds(3200));
  EXPECT_EQ(times.EfficientRows(), 64);
  EXPECT_TRUE(times.Add(8, microseconds(400)));
  EXPECT_FALSE(times.Add(8, microseconds(700)));
  EXPECT_EQ(times.EfficientRows(), 8);
}

}  // namespace
}  // namespace actium::batching
