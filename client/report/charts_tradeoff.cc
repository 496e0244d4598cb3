#include "client/report/charts_tradeoff.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "client/report/words.h"

namespace actium::report {
namespace {

const v1::LatencyQuantile* Median(const v1::LatencyCell& cell) {
  const auto found = std::find_if(
      cell.served().begin(), cell.served().end(),
      [](const v1::LatencyQuantile& own) { return std::abs(own.quantile() - 0.5) < 1e-9; });
  return found == cell.served().end() ? nullptr : &*found;
}

const v1::VariantAccuracy* FindVariant(const v1::AccuracyReport& report, const std::string& name) {
  const auto found =
      std::find_if(report.variants().begin(), report.variants().end(),
                   [&](const v1::VariantAccuracy& own) { return own.variant() == name; });
  return found == report.variants().end() ? nullptr : &*found;
}

bool Dominates(const TradeOff& a, const TradeOff& b) {
  return a.load == b.load && a.accuracy >= b.accuracy && a.latency <= b.latency &&
         (a.accuracy > b.accuracy || a.latency < b.latency);
}

Json Row(const v1::VariantAccuracy& accuracy, const v1::LatencyCell& cell,
         const v1::LatencyQuantile& median) {
  const double milliseconds = median.value_ns() / 1e6;
  return {{"variant", cell.variant()},
          {"load", LoadName(cell.batch_size(), cell.concurrency())},
          {"accuracy", 100 * accuracy.accuracy().value()},
          {"accuracy_lower", 100 * accuracy.accuracy().lower()},
          {"accuracy_upper", 100 * accuracy.accuracy().upper()},
          {"latency", milliseconds},
          {"latency_lower", median.has_lower_ns() ? median.lower_ns() / 1e6 : milliseconds},
          {"latency_upper", median.has_upper_ns() ? median.upper_ns() / 1e6 : milliseconds}};
}

Json Rows(const v1::AccuracyReport& accuracy, const v1::LatencyReport& latency) {
  Json rows = Json::array();
  std::vector<TradeOff> points;
  for (const v1::LatencyCell& cell : latency.cells()) {
    const v1::VariantAccuracy* variant = FindVariant(accuracy, cell.variant());
    const v1::LatencyQuantile* median = Median(cell);
    if (variant == nullptr || median == nullptr) continue;
    rows.push_back(Row(*variant, cell, *median));
    points.push_back({.variant = cell.variant(),
                      .load = rows.back()["load"],
                      .accuracy = rows.back()["accuracy"],
                      .latency = rows.back()["latency"]});
  }
  MarkFront(points);
  for (size_t i = 0; i < points.size(); ++i) rows[i]["front"] = points[i].on_front;
  return rows;
}

Json Axis(const std::string& field, const std::string& title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title},
          {"scale", {{"zero", false}, {"padding", 24}}},
          {"axis", {{"tickCount", 6}}}};
}

Json Layer(Json mark, Json encoding, const Json& color) {
  Json layer = {{"mark", std::move(mark)}, {"encoding", std::move(encoding)}};
  if (!color.is_null()) layer["encoding"]["color"] = color;
  return layer;
}

Json Panel(const Json& color, int columns) {
  const Json x = Axis("latency", "median latency, ms");
  const Json y = Axis("accuracy", "accuracy, %");
  const Json bar = {{"type", "rule"}, {"strokeWidth", 1.5}, {"opacity", 0.65}};
  Json front =
      Layer({{"type", "line"}, {"color", "#8a909a"}, {"strokeDash", {5, 4}}, {"strokeWidth", 1.5}},
            {{"x", x}, {"y", y}}, nullptr);
  front["transform"] = {{{"filter", "datum.front"}}};
  const Json across = Layer(bar,
                            {{"x", Axis("latency_lower", "median latency, ms")},
                             {"x2", {{"field", "latency_upper"}}},
                             {"y", y}},
                            color);
  const Json upright = Layer(bar,
                             {{"x", x},
                              {"y", Axis("accuracy_lower", "accuracy, %")},
                              {"y2", {{"field", "accuracy_upper"}}}},
                             color);
  const Json tooltip = {TooltipLine("variant", "variant"),
                        TooltipLine("accuracy", "accuracy, %", ".2f"),
                        TooltipLine("accuracy_lower", "from", ".2f"),
                        TooltipLine("accuracy_upper", "to", ".2f"),
                        TooltipLine("latency", "latency, ms", ".3f"),
                        TooltipLine("latency_lower", "from ", ".3f"),
                        TooltipLine("latency_upper", "to ", ".3f")};
  const Json dots = Layer({{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}},
                          {{"x", x}, {"y", y}, {"tooltip", tooltip}}, color);
  const Json names =
      Layer({{"type", "text"},
             {"align", "left"},
             {"dx", 8},
             {"dy", -9},
             {"fontSize", 12},
             {"limit", 120}},
            {{"x", x}, {"y", y}, {"text", {{"field", "variant"}, {"type", "nominal"}}}}, nullptr);
  return {{"width", columns > 1 ? kPanelWidth : 2 * kChartWidth},
          {"height", 300},
          {"layer", {front, across, upright, dots, names}}};
}

}  // namespace

void MarkFront(std::vector<TradeOff>& points) {
  for (TradeOff& point : points) {
    point.on_front = std::none_of(points.begin(), points.end(),
                                  [&](const TradeOff& other) { return Dominates(other, point); });
  }
}

Chart TradeOffChart(const v1::AccuracyReport& accuracy, const v1::LatencyReport& latency,
                    const std::vector<std::string>& variants) {
  Json rows = Rows(accuracy, latency);
  std::set<std::string> loads;
  for (const Json& row : rows) loads.insert(row["load"].get<std::string>());
  const int columns = loads.size() > 1 ? 2 : 1;
  return {.id = "trade-off-chart",
          .title = "Accuracy against latency",
          .caption =
              "Better is up and to the left. Bars: intervals of each variant by itself. The "
              "dashed line joins those that no other one beats in both (Pareto front); "
              "whether two really differ, the verdicts say.",
          .spec = FinishPanels({.field = "load", .columns = columns, .independent = "x"},
                               Panel(VariantColor(variants, /*legend=*/false), columns),
                               std::move(rows), "Accuracy against median latency of each variant"),
          .wide = true};
}

}  // namespace actium::report
