#include "client/cli/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

namespace actium::cli {
namespace {

constexpr int kDotsAcross = 2;
constexpr int kDotsDown = 4;
constexpr int kNoCurve = -1;
constexpr std::array<std::string_view, 2> kColors = {"\x1b[38;5;39m", "\x1b[38;5;208m"};
constexpr std::string_view kReset = "\x1b[0m";

// One character of the plot.
struct Cell {
  uint8_t dots = 0;      // As Unicode numbers them: U+2800 + dots.
  int curve = kNoCurve;  // Drawn last.
};

// Bit of a dot in a Braille character, by column and row.
constexpr uint8_t kDotBits[kDotsDown][kDotsAcross] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

std::string Utf8Braille(uint8_t dots) {
  const unsigned code = 0x2800u + dots;
  return {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
          static_cast<char>(0x80 | (code & 0x3f))};
}

class Canvas {
 public:
  Canvas(const std::vector<Curve>& curves, const PlotOptions& options)
      : options_(options),
        cells_(static_cast<size_t>(options.columns) * static_cast<size_t>(options.rows)) {
    FindRange(curves);
    for (size_t i = 0; i < curves.size(); ++i) Draw(curves[i], static_cast<int>(i));
  }

  std::string Render() const {
    std::string text;
    for (int row = 0; row < options_.rows; ++row) {
      text += Label(row);
      for (int column = 0; column < options_.columns; ++column) text += RenderCell(row, column);
      text += '\n';
    }
    const std::string left = fmt::format("{:g}", options_.from);
    text += fmt::format("{:>8} {}{:>{}}\n", "", left, fmt::format("{:g}", options_.to),
                        options_.columns - static_cast<int>(left.size()));
    return text;
  }

 private:
  int DotColumns() const { return options_.columns * kDotsAcross; }
  int DotRows() const { return options_.rows * kDotsDown; }

  double XOf(int dot) const {
    return options_.from + (options_.to - options_.from) * (dot + 0.5) / DotColumns();
  }
  // The dot's row of a value, from the top; may lie outside.
  double RowOf(double y) const { return (top_ - y) / (top_ - bottom_) * (DotRows() - 1); }
  int CellRowOfZero() const { return static_cast<int>(std::lround(RowOf(0))) / kDotsDown; }
  int CellColumnOfZero() const {
    return static_cast<int>(-options_.from / (options_.to - options_.from) * options_.columns);
  }

  void FindRange(const std::vector<Curve>& curves) {
    for (const Curve& curve : curves) {
      for (int dot = 0; dot < DotColumns(); ++dot) {
        const double y = curve.value(XOf(dot));
        if (!std::isfinite(y)) continue;
        top_ = std::max(top_, y);
        bottom_ = std::min(bottom_, y);
      }
    }
    if (top_ - bottom_ < 1e-9) top_ = bottom_ + 1;  // A constant 0 still needs a height.
  }

  void Draw(const Curve& curve, int index) {
    double previous = std::numeric_limits<double>::quiet_NaN();
    for (int dot = 0; dot < DotColumns(); ++dot) {
      const double row = RowOf(curve.value(XOf(dot)));
      // Where the curve is steep its dots are joined by a vertical line.
      const double from = std::isfinite(previous) && std::isfinite(row) ? previous : row;
      previous = row;
      if (!std::isfinite(row) || (index == 1 && dot % 2 == 1)) continue;
      const int first = static_cast<int>(std::lround(std::min(from, row)));
      const int last = static_cast<int>(std::lround(std::max(from, row)));
      for (int y = first; y <= last; ++y) Set(dot, y, index);
    }
  }

  void Set(int x, int y, int curve) {
    if (y < 0 || y >= DotRows()) return;
    Cell& cell = cells_[static_cast<size_t>(y / kDotsDown * options_.columns + x / kDotsAcross)];
    cell.dots |= kDotBits[y % kDotsDown][x % kDotsAcross];
    cell.curve = curve;
  }

  std::string Label(int row) const {
    if (row == 0) return fmt::format("{:8.3g} ", top_);
    if (row == options_.rows - 1) return fmt::format("{:8.3g} ", bottom_);
    return fmt::format("{:>8} ", row == CellRowOfZero() ? "0" : "");
  }

  std::string RenderCell(int row, int column) const {
    const Cell& cell = cells_[static_cast<size_t>(row * options_.columns + column)];
    if (cell.dots == 0) {
      const bool on_x = row == CellRowOfZero();
      const bool on_y = column == CellColumnOfZero();
      return on_x && on_y ? "┼" : on_x ? "─" : on_y ? "│" : " ";
    }
    const std::string dots = Utf8Braille(cell.dots);
    if (options_.colors == ColorMode::kNone) return dots;
    return fmt::format("{}{}{}", kColors[static_cast<size_t>(cell.curve)], dots, kReset);
  }

  const PlotOptions options_;
  std::vector<Cell> cells_;
  double top_ = 0;  // 0 is always in the picture.
  double bottom_ = 0;
};

}  // namespace

std::string RenderPlot(const std::vector<Curve>& curves, const PlotOptions& options) {
  std::string text = Canvas(curves, options).Render();
  for (size_t i = 0; i < curves.size(); ++i) {
    const std::string sample = i == 0 ? "⠒⠒" : "⠂⠂";
    text += options.colors == ColorMode::kNone
                ? fmt::format("{:>9}{} {}\n", "", sample, curves[i].name)
                : fmt::format("{:>9}{}{}{} {}\n", "", kColors[i], sample, kReset, curves[i].name);
  }
  return text;
}

}  // namespace actium::cli
