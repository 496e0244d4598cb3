#include "client/cli/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace actium::cli {
namespace {

using Rgb = std::array<uint8_t, 3>;

constexpr Rgb kBlack = {0, 0, 0};

// Rows below the picture are black: its height may be odd.
Rgb PixelAt(const Image& image, int x, int y) {
  if (y >= image.height) return kBlack;
  const size_t at =
      (static_cast<size_t>(y) * static_cast<size_t>(image.width) + static_cast<size_t>(x)) *
      static_cast<size_t>(image.channels);
  if (image.channels == 1) return {image.pixels[at], image.pixels[at], image.pixels[at]};
  return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

// Index in xterm's palette: 24 grays from 232 on, or a cube of 6 x 6 x 6 colours from 16 on.
int PaletteIndex(Rgb color) {
  if (color[0] == color[1] && color[1] == color[2]) return 232 + color[0] * 23 / 255;
  const auto level = [](uint8_t value) { return (value * 5 + 127) / 255; };
  return 16 + 36 * level(color[0]) + 6 * level(color[1]) + level(color[2]);
}

// Layer 38 is the character's colour, 48 the one behind it.
std::string Paint(int layer, Rgb color, ColorMode colors) {
  if (colors == ColorMode::kPalette)
    return fmt::format("\x1b[{};5;{}m", layer, PaletteIndex(color));
  return fmt::format("\x1b[{};2;{};{};{}m", layer, color[0], color[1], color[2]);
}

char Shade(Rgb upper, Rgb lower) {
  constexpr std::string_view kShades = " .:-=+*#%@";
  const int sum = upper[0] + upper[1] + upper[2] + lower[0] + lower[1] + lower[2];
  return kShades[static_cast<size_t>(sum) * (kShades.size() - 1) / (6 * 255)];
}

Image Fitted(const Image& image, int most) {
  const int longest = std::max(image.width, image.height);
  if (longest <= most) return image;
  const auto shrunk = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(double{1} * side * most / longest)));
  };
  return Resized(image, shrunk(image.width), shrunk(image.height));
}

}  // namespace

std::string RenderPicture(const Image& original, ColorMode colors, int most_columns) {
  const Image image = Fitted(original, most_columns);
  std::string text;
  for (int y = 0; y < image.height; y += 2) {
    std::string line;
    for (int x = 0; x < image.width; ++x) {
      const Rgb upper = PixelAt(image, x, y);
      const Rgb lower = PixelAt(image, x, y + 1);
      if (colors == ColorMode::kNone) {
        line += Shade(upper, lower);
      } else {
        line += Paint(38, upper, colors) + Paint(48, lower, colors) + "▀";
      }
    }
    if (colors == ColorMode::kNone) {
      line.erase(line.find_last_not_of(' ') + 1);
    } else {
      line += "\x1b[0m";
    }
    text += line + '\n';
  }
  return text;
}

std::string RenderBar(double fraction, int columns) {
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double kept = std::isfinite(fraction) ? std::clamp(fraction, 0.0, 1.0) : 0.0;
  const int eighths = static_cast<int>(std::lround(kept * columns * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  bar += kEighths[static_cast<size_t>(eighths % 8)];
  bar.append(static_cast<size_t>(columns) - DisplayWidth(bar), ' ');
  return bar;
}

}  // namespace actium::cli
