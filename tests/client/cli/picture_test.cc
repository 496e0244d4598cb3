#include "client/cli/picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "client/cli/plot.h"

namespace actium::test {
namespace {

using cli::ColorMode;
using cli::Image;

Image Gray(int width, int height, std::vector<uint8_t> pixels) {
  return {.width = width, .height = height, .channels = 1, .pixels = std::move(pixels)};
}

TEST(RenderPictureTest, TwoPixelsShareACharacter) {
  const Image image = {.width = 1, .height = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(cli::RenderPicture(image, ColorMode::kTrueColor, 10),
            "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀\x1b[0m\n");
  EXPECT_EQ(cli::RenderPicture(image, ColorMode::kPalette, 10),
            "\x1b[38;5;16m\x1b[48;5;16m▀\x1b[0m\n");
}

TEST(RenderPictureTest, PaletteHasGraysAndCornersOfTheCube) {
  EXPECT_EQ(cli::RenderPicture(Gray(1, 2, {0, 255}), ColorMode::kPalette, 10),
            "\x1b[38;5;232m\x1b[48;5;255m▀\x1b[0m\n");
  const Image red = {.width = 1, .height = 2, .channels = 3, .pixels = {255, 0, 0, 0, 255, 255}};
  EXPECT_EQ(cli::RenderPicture(red, ColorMode::kPalette, 10),
            "\x1b[38;5;196m\x1b[48;5;51m▀\x1b[0m\n");
}

TEST(RenderPictureTest, WithoutColorsNothingButShades) {
  EXPECT_EQ(cli::RenderPicture(Gray(3, 2, {0, 255, 0, 0, 255, 0}), ColorMode::kNone, 10), " @\n");
}

TEST(RenderPictureTest, OddHeightEndsInBlack) {
  EXPECT_EQ(cli::RenderPicture(Gray(1, 1, {255}), ColorMode::kTrueColor, 10),
            "\x1b[38;2;255;255;255m\x1b[48;2;0;0;0m▀\x1b[0m\n");
}

TEST(RenderPictureTest, ShrinksAndKeepsProportions) {
  const std::string text =
      cli::RenderPicture(Gray(100, 50, std::vector<uint8_t>(5000, 255)), ColorMode::kNone, 20);
  EXPECT_EQ(text, [] {
    std::string lines;
    for (int i = 0; i < 5; ++i) lines += std::string(20, '@') + '\n';
    return lines;
  }());
}

TEST(RenderPictureTest, AThinPictureKeepsAPixel) {
  const Image thin = Gray(1000, 1, std::vector<uint8_t>(1000, 9));
  EXPECT_EQ(std::ranges::count(cli::RenderPicture(thin, ColorMode::kNone, 5), '\n'), 1);
}

TEST(RenderBarTest, HasEighthsAndAlwaysTheSameWidth) {
  EXPECT_EQ(cli::RenderBar(0.5, 4), "██  ");
  EXPECT_EQ(cli::RenderBar(5.0 / 8, 1), "▋");
  EXPECT_EQ(cli::RenderBar(1.0, 2), "██");
  EXPECT_EQ(cli::RenderBar(-1, 2), "  ");
  EXPECT_EQ(cli::RenderBar(7, 2), "██");
  EXPECT_EQ(cli::RenderBar(std::nan(""), 2), "  ");
  for (int i = 0; i <= 1000; ++i) {
    ASSERT_EQ(cli::DisplayWidth(cli::RenderBar(i / 1000.0, 7)), 7u) << i;
  }
}

TEST(RenderPlotTest, DrawsWithinItsAreaAndNamesCurvesAndEnds) {
  const cli::PlotOptions options = {.from = -2, .to = 2, .columns = 21, .rows = 5, .colors = {}};
  const std::string text = cli::RenderPlot({{"f(x)", [](double x) { return std::max(x, 0.0); }},
                                            {"f'(x)", [](double x) { return x > 0 ? 1.0 : 0.0; }}},
                                           options);
  size_t start = 0;
  int lines = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(cli::DisplayWidth(text.substr(start, end - start)), 9u + 21u);
    start = end + 1;
    ++lines;
  }
  EXPECT_EQ(lines, 5 + 1 + 2);
  EXPECT_NE(text.find("-2"), std::string::npos);
  EXPECT_NE(text.find("f'(x)"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "no colours without a terminal";
}

TEST(RenderPlotTest, ConstantsAndHolesDoNoHarm) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, 1.0, -1.0, nan, infinity}) {
    EXPECT_FALSE(cli::RenderPlot({{"c", [value](double) { return value; }}}, {}).empty());
  }
  EXPECT_FALSE(cli::RenderPlot({{"1/x", [](double x) { return 1 / x; }}}, {}).empty());
}

}  // namespace
}  // namespace actium::test
