#include "client/report/chart.h"

#include <array>
#include <map>

namespace actium::report {
namespace {

// Tell apart on white and on black, also for most who see colours otherwise.
constexpr std::array<const char*, 8> kColors = {"#3d7fd6", "#e0752d", "#1d9e74", "#a45fc9",
                                                "#d4517a", "#1899ad", "#a98600", "#7d8590"};

// Grays are in the middle, where they are seen on white and on black; page.css sets those of texts
// and axes by the reader's scheme.
Json Config() {
  return {{"font", "system-ui, sans-serif"},
          {"background", "transparent"},
          {"view", {{"stroke", nullptr}}},
          {"axis",
           {{"labelFontSize", 12},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"titlePadding", 8},
            {"labelLimit", 150},
            {"labelPadding", 6},
            {"labelFlush", false},
            {"gridColor", "#e2e5ea"},
            {"domainColor", "#8a909a"},
            {"tickColor", "#8a909a"}}},
          {"axisY", {{"domain", false}, {"ticks", false}}},
          {"legend",
           {{"labelFontSize", 12},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"orient", "top"},
            {"labelLimit", 160},
            {"symbolOpacity", 1},
            {"symbolBaseFillColor", "#8a909a"},
            {"symbolStrokeWidth", 2}}},
          {"header", {{"labelFontSize", 12}, {"titleFontSize", 12}, {"labelLimit", 240}}}};
}

Json Position(const std::string& field, const std::string& title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title},
          {"scale", {{"zero", false}, {"padding", 12}}},
          {"axis", {{"tickCount", 6}}}};
}

Json Names(const IntervalPlot& plot) {
  return {{"field", plot.y},
          {"type", "nominal"},
          {"sort", nullptr},
          {"title", nullptr},
          {"axis", {{"grid", true}}}};
}

Json IntervalLayer(const IntervalPlot& plot, const std::string& lower, const std::string& upper,
                   int width, double opacity) {
  Json layer = {
      {"mark",
       {{"type", "rule"}, {"strokeWidth", width}, {"opacity", opacity}, {"strokeCap", "round"}}},
      {"encoding",
       {{"y", Names(plot)}, {"x", Position(lower, plot.x_title)}, {"x2", {{"field", upper}}}}}};
  if (!plot.color.empty()) layer["encoding"]["color"] = plot.color;
  return layer;
}

Json DotLayer(const IntervalPlot& plot) {
  Json layer = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}},
      {"encoding",
       {{"y", Names(plot)},
        {"x", Position("value", plot.x_title)},
        {"tooltip",
         {TooltipLine(plot.y, "name"), TooltipLine("value", "value", plot.format),
          TooltipLine("lower", "from", plot.format), TooltipLine("upper", "to", plot.format)}}}}};
  if (!plot.color.empty()) layer["encoding"]["color"] = plot.color;
  return layer;
}

// These two have rows of their own, and reach over all lines.
Json BandLayer(const IntervalPlot& plot) {
  return {{"data", {{"values", {{{"from", *plot.band_lower}, {"to", *plot.band_upper}}}}}},
          {"mark", {{"type", "rect"}, {"color", "#8a909a"}, {"opacity", 0.16}}},
          {"encoding", {{"x", Position("from", plot.x_title)}, {"x2", {{"field", "to"}}}}}};
}

Json ReferenceLayer(const IntervalPlot& plot) {
  return {{"data", {{"values", {{{"at", *plot.reference}}}}}},
          {"mark",
           {{"type", "rule"}, {"color", "#8a909a"}, {"strokeDash", {4, 3}}, {"strokeWidth", 1.5}}},
          {"encoding", {{"x", Position("at", plot.x_title)}}}};
}

}  // namespace

Json Finish(Json spec, Json rows, const std::string& description) {
  spec["$schema"] = "https://vega.github.io/schema/vega-lite/v4.json";
  spec["description"] = description;
  spec["config"] = Config();
  spec["data"] = {{"values", std::move(rows)}};
  return spec;
}

Json FinishPanels(const Panels& panels, Json panel, Json rows, const std::string& description) {
  // Vega-Lite sorts panels by their names unless it is given a number to sort by.
  std::map<std::string, size_t> numbers;
  for (Json& row : rows) {
    row["panel_number"] = numbers.emplace(row[panels.field], numbers.size()).first->second;
  }
  Json spec = {{"facet",
                {{"field", panels.field},
                 {"type", "nominal"},
                 {"title", nullptr},
                 {"sort", {{"field", "panel_number"}, {"op", "min"}}}}},
               {"columns", panels.columns},
               {"spec", std::move(panel)}};
  if (!panels.independent.empty()) {
    spec["resolve"]["scale"][panels.independent] = "independent";
  }
  return Finish(std::move(spec), std::move(rows), description);
}

Json VariantColor(const std::vector<std::string>& variants, bool legend) {
  Json colors = Json::array();
  for (size_t i = 0; i < variants.size(); ++i) colors.push_back(kColors[i % kColors.size()]);
  Json channel = {{"field", "variant"},
                  {"type", "nominal"},
                  {"title", nullptr},
                  {"scale", {{"domain", variants}, {"range", std::move(colors)}}}};
  if (!legend) channel["legend"] = nullptr;
  return channel;
}

Json VerdictColor() {
  return {{"field", "verdict"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale",
           {{"domain", {"better", "faster", "equivalent", "undecided", "worse", "slower"}},
            {"range", {"#1d9e74", "#1d9e74", "#3d7fd6", "#8a909a", "#d9534a", "#d9534a"}}}},
          {"legend", nullptr}};
}

Json TooltipLine(const std::string& field, const std::string& title, const std::string& format) {
  Json line = {{"field", field}, {"title", title}};
  line["type"] = format.empty() ? "nominal" : "quantitative";
  if (!format.empty()) line["format"] = format;
  return line;
}

Json IntervalPanel(const IntervalPlot& plot) {
  Json layers = Json::array();
  if (plot.band_lower && plot.band_upper) layers.push_back(BandLayer(plot));
  if (plot.reference) layers.push_back(ReferenceLayer(plot));
  layers.push_back(IntervalLayer(plot, "lower", "upper", 2, 0.9));
  if (plot.has_inner) layers.push_back(IntervalLayer(plot, "inner_lower", "inner_upper", 6, 0.55));
  layers.push_back(DotLayer(plot));
  return {{"width", plot.width}, {"height", {{"step", 30}}}, {"layer", std::move(layers)}};
}

void SetInterval(Json& row, const v1::Estimate& estimate, double scale) {
  row["value"] = scale * estimate.value();
  row["lower"] = scale * estimate.lower();
  row["upper"] = scale * estimate.upper();
}

}  // namespace actium::report
