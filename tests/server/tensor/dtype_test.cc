#include "server/tensor/dtype.h"

#include <gtest/gtest.h>

namespace actium::tensor {
namespace {

TEST(DTypeTest, EveryNameIsParsedBack) {
  for (int i = 0; i <= static_cast<int>(DType::kBytes); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(ParseDType(Name(dtype)), dtype) << Name(dtype);
  }
}

TEST(DTypeTest, UnknownNamesAreRefused) {
  EXPECT_EQ(ParseDType("fp32"), std::nullopt);
  EXPECT_EQ(ParseDType("TYPE_FP32"), std::nullopt);
  EXPECT_EQ(ParseDType(""), std::nullopt);
}

TEST(DTypeTest, SizesFollowFromTheNames) {
  for (int i = 0; i < static_cast<int>(DType::kBytes); ++i) {
    const auto dtype = static_cast<DType>(i);
    const std::string_view name = Name(dtype);
    const size_t expected = name == "BOOL" || name.ends_with("T8") ? 1
                            : name.ends_with("16")                 ? 2
                            : name.ends_with("32")                 ? 4
                                                                   : 8;
    EXPECT_EQ(ElementBytes(dtype), expected) << name;
    EXPECT_EQ(IsFloatingPoint(dtype), name.starts_with("FP") || name == "BF16") << name;
  }
  EXPECT_EQ(ElementBytes(DType::kBytes), 0u);
}

}  // namespace
}  // namespace actium::tensor
