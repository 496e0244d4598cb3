#ifndef ACTIUM_CLIENT_CLI_PLOT_H_
#define ACTIUM_CLIENT_CLI_PLOT_H_

#include <functional>
#include <string>
#include <vector>

#include "client/cli/terminal.h"

namespace actium::cli {

/// A line in a plot.
struct Curve {
  std::string name;
  std::function<double(double)> value;  ///< Points that are not finite are left out.
};

/// What a plot shows.
struct PlotOptions {
  double from = -5;  ///< Left end of the x axis.
  double to = 5;     ///< Right end, > from.
  int columns = 72;  ///< Of the area of the curves, >= 2.
  int rows = 18;     ///< Of that area, >= 2.
  ColorMode colors = ColorMode::kNone;
};

/// Returns curves over one x axis as text in Braille dots (2 x 4 in a character), with axes through
/// 0 and numbers at the ends. One or two curves; the second is drawn thinner, with every other dot.
std::string RenderPlot(const std::vector<Curve>& curves, const PlotOptions& options);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_PLOT_H_
