#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "server/activation/docs.h"
#include "server/activation/table.h"

namespace actium::activation {
namespace {

// The part of the plane that each chart shows, and its size in pixels.
constexpr double kLeft = -5.0, kRight = 5.0, kBottom = -2.0, kTop = 4.0;
constexpr double kWidth = 170.0, kHeight = 102.0;
// A chart with its title and the gap to the next one.
constexpr double kCellWidth = 190.0, kCellHeight = 142.0, kTitle = 28.0, kMargin = 10.0;
constexpr int kColumns = 5;
constexpr int kLines = (kActivations + kColumns - 1) / kColumns;
constexpr std::string_view kValueColour = "#1f5fbf", kSlopeColour = "#d9730d";

double PixelX(double x) { return (x - kLeft) / (kRight - kLeft) * kWidth; }
double PixelY(double y) { return (kTop - y) / (kTop - kBottom) * kHeight; }

// The curve of a function, in pieces where it leaves the chart or jumps.
template <class Function>
std::string Path(Function f) {
  constexpr int kSteps = 200;
  std::string path;
  bool pen_down = false;
  double before = 0.0;
  for (int i = 0; i <= kSteps; ++i) {
    const double x = kLeft + (kRight - kLeft) * i / kSteps;
    const double y = f(x);
    const bool jump = std::abs(y - before) > 0.15;
    before = y;
    if (y < kBottom || y > kTop) {
      pen_down = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", pen_down && !jump ? "L" : "M", PixelX(x), PixelY(y));
    pen_down = true;
  }
  return path;
}

std::string Line(double x1, double y1, double x2, double y2) {
  return fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", PixelX(x1),
                     PixelY(y1), PixelX(x2), PixelY(y2));
}

std::string Chart(const Row& row, int place) {
  const int column = place % kColumns;
  const int line = place / kColumns;
  std::string chart = fmt::format("<g transform=\"translate({:.0f} {:.0f})\">\n",
                                  kMargin + column * kCellWidth, kTitle + line * kCellHeight);
  chart += fmt::format("<text x=\"0\" y=\"-6\">{}</text>\n", row.title);
  chart += Line(kLeft, 0, kRight, 0) + Line(0, kBottom, 0, kTop);
  const auto slope = [&](double x) { return Derivative(row.id, {}, x); };
  const auto value = [&](double x) { return Evaluate(row.id, {}, x); };
  chart += fmt::format("<path class=\"slope\" d=\"{}\"/>\n", Path(slope));
  chart += fmt::format("<path class=\"value\" d=\"{}\"/>\n</g>\n", Path(value));
  return chart;
}

}  // namespace

std::string RenderCharts() {
  const double width = kMargin + kColumns * kCellWidth;
  const double height = kLines * kCellHeight + kMargin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "width=\"{0:.0f}\" height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<title>Activations (blue) and their slopes (orange)</title>\n"
      "<style>path{{fill:none}}.axis{{stroke:#bbb}}.value{{stroke:{2};stroke-width:2}}"
      ".slope{{stroke:{3};stroke-width:1.5;stroke-dasharray:4 2}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      width, height, kValueColour, kSlopeColour);
  int place = 0;
  for (const Row& row : Table()) svg += Chart(row, place++);
  svg += fmt::format(
      "<text x=\"{0:.0f}\" y=\"{1:.0f}\" fill=\"{2}\">f(x)</text>"
      "<text x=\"{0:.0f}\" y=\"{3:.0f}\" fill=\"{4}\">f'(x)</text>\n",
      kMargin + (kColumns - 1) * kCellWidth, height - 90, kValueColour, height - 70, kSlopeColour);
  svg +=
      fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">x from {} to {}, y from {} to {}</text>\n",
                  kMargin + (kColumns - 1) * kCellWidth, height - 50, kLeft, kRight, kBottom, kTop);
  return svg + "</svg>\n";
}

}  // namespace actium::activation
