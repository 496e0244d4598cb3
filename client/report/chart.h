#ifndef ACTIUM_CLIENT_REPORT_CHART_H_
#define ACTIUM_CLIENT_REPORT_CHART_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actium/v1/comparison.pb.h"

/// The parts that the charts share. A chart is a Vega-Lite 4 specification with its data inside.
/// Names of variants and classes are data, never names of fields nor parts of expressions, whose
/// syntax they might break.
namespace actium::report {

using Json = nlohmann::json;

/// A chart with the words around it.
struct Chart {
  std::string id;       ///< Of the element, [a-z-]+.
  std::string title;    ///< What it shows.
  std::string caption;  ///< How to read it.
  Json spec;
  bool wide = false;  ///< Takes the page's whole width.
};

/// Width of a panel, pixels, without its axis: of a chart of one panel, and of two panels side by
/// side in a wide chart.
inline constexpr int kChartWidth = 370;
inline constexpr int kPanelWidth = 430;

/// Returns kChartWidth or kPanelWidth.
inline int WidthOf(int columns) { return columns > 1 ? kPanelWidth : kChartWidth; }

/// Returns the specification made whole: with its schema, its data and the look that all share.
/// description: what a screen reader says.
Json Finish(Json spec, Json rows, const std::string& description);

/// One panel for each value of a field, in the order in which the rows have them.
struct Panels {
  std::string field;
  int columns = 1;  ///< Panels side by side, >= 1.
  std::string independent =
      {};  ///< "x" or "y": the axis that each panel scales by itself; empty: none.
};

/// Returns such panels as a specification made whole, as Finish() does. panel: one without data.
Json FinishPanels(const Panels& panels, Json panel, Json rows, const std::string& description);

/// Returns a colour channel in which each of the variants has its own colour, the same in every
/// chart (from the ninth on they repeat).
Json VariantColor(const std::vector<std::string>& variants, bool legend = true);

/// Returns a colour channel of the field "verdict", in the words of words.h.
Json VerdictColor();

/// Returns a tooltip's line. format: of d3, for numbers; empty: text.
Json TooltipLine(const std::string& field, const std::string& title,
                 const std::string& format = "");

/// Dots with horizontal intervals, one line for each row's name.
struct IntervalPlot {
  std::string y = "variant";  ///< Field of the row's name, in the rows' order.
  std::string x_title = {};
  std::string format = ".2f";   ///< Of numbers in the tooltip.
  Json color = Json::object();  ///< Channel.
  bool has_inner = false;       ///< Rows have a narrower interval: inner_lower, inner_upper.
  std::optional<double> reference = std::nullopt;   ///< Where no difference is.
  std::optional<double> band_lower = std::nullopt;  ///< What would not matter, about the reference.
  std::optional<double> band_upper = std::nullopt;
  int width = kChartWidth;
};

/// Returns the panel. Rows have the fields value, lower and upper, and the one of names.
Json IntervalPanel(const IntervalPlot& plot);

/// Sets value, lower and upper of a row, times `scale`.
void SetInterval(Json& row, const v1::Estimate& estimate, double scale);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHART_H_
