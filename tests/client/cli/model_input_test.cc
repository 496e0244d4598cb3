#include "client/cli/model_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "client/cli/bench_requests.h"
#include "client/cli/element.h"
#include "client/cli/probe_input.h"
#include "client/cli/sample_file.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Array;
using cli::Image;
using cli::ModelInput;
using cli::PictureLayout;
using cli::Scale;
using Order = cli::PictureLayout::Order;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

ModelInput Input(const std::string& datatype, std::vector<int64_t> shape, bool batched = true) {
  return {.name = "image", .datatype = datatype, .batched = batched, .shape = std::move(shape)};
}

// 2 x 1 pixels: red, then a dark green.
const Image kImage = {.width = 2, .height = 1, .channels = 3, .pixels = {255, 0, 0, 0, 51, 0}};

std::vector<float> Floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(FindLayoutTest, TellsOrderByShapeAndFormat) {
  const inference::ModelConfig none;
  const auto first = cli::FindLayout(Input("UINT8", {-1, 3, 20, 30}), none);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->order, Order::kChannelsFirst);
  EXPECT_EQ(first->height, 20);
  EXPECT_EQ(first->width, 30);
  EXPECT_EQ(cli::FindLayout(Input("UINT8", {-1, 20, 30, 3}), none)->order, Order::kChannelsLast);
  EXPECT_EQ(cli::FindLayout(Input("UINT8", {28, 28}, false), none)->order, Order::kNoChannels);
  EXPECT_EQ(cli::FindLayout(Input("UINT8", {1, 1, 8, 8}, false), none)->channels, 1);
  EXPECT_EQ(cli::FindLayout(Input("UINT8", {-1, 3, -1, -1}), none)->height, 0) << "any height";

  inference::ModelConfig nhwc;
  nhwc.add_input()->set_name("image");
  nhwc.mutable_input(0)->set_format(inference::ModelInput::FORMAT_NHWC);
  EXPECT_EQ(cli::FindLayout(Input("UINT8", {-1, 1, 9, 3}), nhwc)->order, Order::kChannelsLast);
}

TEST(FindLayoutTest, RefusesShapesThatAreNoPicture) {
  const inference::ModelConfig none;
  EXPECT_THAT(cli::FindLayout(Input("FP32", {-1, 10}), none),
              StatusIs(kInvalid, HasSubstr("input 'image' (FP32 [-1, 10]): its shape is none")));
  EXPECT_THAT(cli::FindLayout(Input("FP32", {-1, 4, 9, 9}), none),
              StatusIs(kInvalid, HasSubstr("1 or 3 channels")));
  EXPECT_THAT(cli::FindLayout(Input("FP32", {-1, 3, 1 << 20, 9}), none),
              StatusIs(kInvalid, HasSubstr("at most 32768 pixels")));
}

TEST(FromImageTest, OrdersChannelsAndAddsTheBatch) {
  const PictureLayout first{.order = Order::kChannelsFirst, .channels = 3, .height = 1, .width = 2};
  const auto planes = cli::FromImage(kImage, Input("UINT8", {-1, 3, 1, 2}), first, Scale::kNone);
  ASSERT_THAT(planes, IsOk());
  EXPECT_THAT(planes->shape, ElementsAre(1, 3, 1, 2));
  EXPECT_EQ(planes->bytes, std::string("\xff\0\0\x33\0\0", 6));

  const PictureLayout last{.order = Order::kChannelsLast, .channels = 3, .height = 0, .width = 0};
  const auto pixels = cli::FromImage(kImage, Input("UINT8", {-1, -1, -1, 3}), last, Scale::kNone);
  ASSERT_THAT(pixels, IsOk());
  EXPECT_THAT(pixels->shape, ElementsAre(1, 1, 2, 3));
  EXPECT_EQ(pixels->bytes, std::string("\xff\0\0\0\x33\0", 6));
}

TEST(FromImageTest, ScalesForFloatingPoint) {
  const PictureLayout layout{.order = Order::kChannelsLast, .channels = 3, .height = 1, .width = 2};
  const auto floats = [&](Scale scale) {
    return Floats(cli::FromImage(kImage, Input("FP32", {1, 2, 3}, false), layout, scale)->bytes);
  };
  EXPECT_THAT(floats(Scale::kNone), ElementsAre(255, 0, 0, 0, 51, 0));
  EXPECT_THAT(floats(Scale::kUnit), ElementsAre(1, 0, 0, 0, 0.2f, 0));
  EXPECT_FLOAT_EQ(floats(Scale::kImageNet)[0], (1 - 0.485f) / 0.229f);
  EXPECT_FLOAT_EQ(floats(Scale::kImageNet)[4], (0.2f - 0.456f) / 0.224f);
}

TEST(FromImageTest, RefusesScalesAndTypesThatCannotBe) {
  const PictureLayout gray{.order = Order::kNoChannels, .channels = 1, .height = 1, .width = 2};
  const auto convert = [&](const std::string& datatype, Scale scale) {
    return cli::FromImage(kImage, Input(datatype, {1, 2}, false), gray, scale).status();
  };
  EXPECT_THAT(convert("UINT8", Scale::kUnit),
              StatusIs(kInvalid, HasSubstr("must be none for integers")));
  EXPECT_THAT(convert("FP32", Scale::kImageNet),
              StatusIs(kInvalid, HasSubstr("needs 3 channels, got 1")));
  EXPECT_THAT(convert("INT8", Scale::kNone), StatusIs(kInvalid, HasSubstr("0 to 255")));
  EXPECT_THAT(convert("BYTES", Scale::kNone), StatusIs(kInvalid, HasSubstr("0 to 255")));
}

TEST(FromArrayTest, TakesWholeShapesAndRows) {
  const Array row = {.datatype = "FP32", .shape = {2}, .bytes = "12345678"};
  EXPECT_THAT(cli::FromArray(row, Input("FP32", {-1, 2}))->shape, ElementsAre(1, 2));
  EXPECT_THAT(cli::FromArray(row, Input("FP32", {2}, false))->shape, ElementsAre(2));
  EXPECT_THAT(cli::FromArray(row, Input("FP64", {-1, 2})),
              StatusIs(kInvalid, HasSubstr("the file has FP32")));
  EXPECT_THAT(cli::FromArray(row, Input("FP32", {-1, 3})),
              StatusIs(kInvalid, HasSubstr("the file has shape [2]")));
}

TEST(AsImageTest, KnowsPicturesByShape) {
  const auto image = [](std::vector<int64_t> shape, const std::string& datatype = "UINT8") {
    return cli::AsImage({.datatype = datatype, .shape = std::move(shape), .bytes = "abcdef"});
  };
  EXPECT_EQ(image({2, 3})->channels, 1);
  EXPECT_THAT(image({3, 1, 2})->pixels, ElementsAre('a', 'c', 'e', 'b', 'd', 'f'));
  EXPECT_THAT(image({1, 2, 3})->pixels, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  EXPECT_FALSE(image({6}));
  EXPECT_FALSE(image({2, 3}, "INT8"));
}

TEST(ElementTest, HalvesRoundToNearestEven) {
  EXPECT_EQ(cli::ToHalf(1.0f), 0x3c00);
  EXPECT_EQ(cli::ToHalf(-2.0f), 0xc000);
  EXPECT_EQ(cli::ToHalf(65504.0f), 0x7bff);
  EXPECT_EQ(cli::ToHalf(65519.9f), 0x7bff);
  EXPECT_EQ(cli::ToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(cli::ToHalf(1.0f + 0x1p-11f), 0x3c00) << "a tie goes to even";
  EXPECT_EQ(cli::ToHalf(1.0f + 0x3p-11f), 0x3c02);
  EXPECT_EQ(cli::ToHalf(0x1p-24f), 0x0001);
  EXPECT_EQ(cli::ToHalf(0x1p-25f), 0x0000);
  EXPECT_EQ(cli::ToHalf(0x1.ff8p-15f), 0x03ff) << "the largest subnormal";
  EXPECT_EQ(cli::ToHalf(-0.0f), 0x8000);
  EXPECT_EQ(cli::ToHalf(std::nanf("")) & 0x7e00, 0x7e00);
  EXPECT_EQ(cli::ToBfloat16(1.0f), 0x3f80);
  EXPECT_EQ(cli::ToBfloat16(std::bit_cast<float>(0x3f808000u)), 0x3f80) << "a tie goes to even";
  EXPECT_EQ(cli::ToBfloat16(std::bit_cast<float>(0x3f818000u)), 0x3f82);
}

TEST(ElementTest, EveryHalfThatIsAFloatComesBack) {
  for (uint32_t half = 0; half < 0x7c00; ++half) {
    const int exponent = static_cast<int>(half >> 10);
    const float mantissa = static_cast<float>(half & 0x3ff);
    const float value =
        exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    ASSERT_EQ(cli::ToHalf(value), half);
  }
}

TEST(ParseGivenShapeTest, ReadsNameAndSizes) {
  EXPECT_EQ(cli::ParseGivenShape("image:3,224")->input, "image");
  EXPECT_THAT(cli::ParseGivenShape("a:b:1")->shape, ElementsAre(1));
  for (const char* wrong :
       {"", "image", ":1", "image:", "image:0", "image:1,", "image:1;2", "image:-1", "image: 1"}) {
    EXPECT_THAT(cli::ParseGivenShape(wrong), StatusIs(kInvalid, HasSubstr("--shape must be like")))
        << wrong;
  }
}

TEST(CompleteProbeInputTest, AddsWhatTheServerWants) {
  EXPECT_EQ(*cli::CompleteProbeInput("3,224,224", 0, true), "INPUT__0:FP32:1,3,224,224");
  EXPECT_EQ(*cli::CompleteProbeInput("5", 1, false), "INPUT__1:FP32:5");
  EXPECT_EQ(*cli::CompleteProbeInput("image:UINT8:1,28,28", 0, true), "image:UINT8:1,1,28,28");
  for (const char* wrong :
       {"", "x", "image:3,4", "image:UINT9:3", ":UINT8:3", "image:UINT8:", "3,0"}) {
    EXPECT_THAT(cli::CompleteProbeInput(wrong, 0, true),
                StatusIs(kInvalid, HasSubstr("--input must be like")))
        << wrong;
  }
}

}  // namespace
}  // namespace actium::test
