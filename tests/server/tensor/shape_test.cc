#include "server/tensor/shape.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace actium::tensor {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

TEST(ShapeTest, CountsElements) {
  EXPECT_EQ(ElementCount(Shape{2, 1, 28, 28}), 1568);
  EXPECT_EQ(ElementCount(Shape{}), 1);
  EXPECT_EQ(ElementCount(Shape{3, 0, 5}), 0);
  EXPECT_EQ(ElementCount(Shape{kHuge}), kHuge);
}

TEST(ShapeTest, NothingForNegativeSizesAndOverflow) {
  EXPECT_EQ(ElementCount(Shape{2, kAnySize}), std::nullopt);
  EXPECT_EQ(ElementCount(Shape{kHuge, 2}), std::nullopt);
  EXPECT_EQ(ElementCount(Shape{int64_t{1} << 32, int64_t{1} << 31}), std::nullopt);
  EXPECT_EQ(ElementCount(Shape{kHuge, kHuge, 0}), 0)
      << "an empty tensor has no elements, whatever its order";
  EXPECT_EQ(ElementCount(Shape{0, -5}), std::nullopt);
}

TEST(ShapeTest, CountsBytes) {
  EXPECT_EQ(ByteCount(DType::kFp32, Shape{2, 3}), 24);
  EXPECT_EQ(ByteCount(DType::kUint8, Shape{}), 1);
  EXPECT_EQ(ByteCount(DType::kFp64, Shape{kHuge / 8 + 1}), std::nullopt);
  EXPECT_EQ(ByteCount(DType::kBytes, Shape{1}), std::nullopt);
}

TEST(ShapeTest, TextIsBounded) {
  EXPECT_EQ(ToString(Shape{2, 1, 28}), "[2, 1, 28]");
  EXPECT_EQ(ToString(Shape{}), "[]");
  EXPECT_EQ(ToString(std::vector<int64_t>(1000, 7)),
            "[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, ...]");
}

}  // namespace
}  // namespace actium::tensor
