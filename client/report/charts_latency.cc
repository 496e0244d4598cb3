#include "client/report/charts_latency.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "client/report/words.h"

namespace actium::report {
namespace {

constexpr double kMillisecond = 1e6;

// On this axis each further nine of a percentile is as wide as the one before.
double Nines(double quantile) { return -std::log10(1 - quantile); }

std::string LoadOf(const v1::LatencyCell& cell) {
  return LoadName(cell.batch_size(), cell.concurrency());
}

int Columns(const v1::LatencyReport& report) {
  std::set<std::string> loads;
  for (const v1::LatencyCell& cell : report.cells()) loads.insert(LoadOf(cell));
  return loads.size() > 1 ? 2 : 1;
}

Json MillisecondAxis(const std::string& field) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", "latency, ms"},
          {"scale", {{"type", "log"}, {"nice", false}, {"padding", 10}}},
          {"axis", {{"tickCount", 6}, {"format", "~g"}}}};
}

Json NinesAxis() {
  const Json ticks = {Nines(0.5), Nines(0.9), Nines(0.95), Nines(0.99), Nines(0.999)};
  return {{"field", "nines"},
          {"type", "quantitative"},
          {"title", "percentile"},
          {"axis",
           {{"values", ticks},
            {"grid", false},
            {"labelExpr",
             "datum.value < 0.5 ? 'p50' : datum.value < 1.1 ? 'p90' : datum.value < 1.5 ? 'p95' "
             ": datum.value < 2.5 ? 'p99' : 'p99.9'"}}}};
}

Json PercentileRows(const v1::LatencyReport& report) {
  Json rows = Json::array();
  for (const v1::LatencyCell& cell : report.cells()) {
    for (const v1::LatencyQuantile& quantile : cell.served()) {
      Json row = {{"variant", cell.variant()},
                  {"load", LoadOf(cell)},
                  {"percentile", fmt::format("p{:g}", 100 * quantile.quantile())},
                  {"nines", Nines(quantile.quantile())},
                  {"value", quantile.value_ns() / kMillisecond}};
      if (quantile.has_lower_ns()) row["lower"] = quantile.lower_ns() / kMillisecond;
      if (quantile.has_upper_ns()) row["upper"] = quantile.upper_ns() / kMillisecond;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Json PercentilePanel(const Json& color) {
  Json band = {{"mark", {{"type", "area"}, {"opacity", 0.18}, {"interpolate", "linear"}}},
               {"transform", {{{"filter", "isValid(datum.lower) && isValid(datum.upper)"}}}},
               {"encoding", {{"y", MillisecondAxis("lower")}, {"y2", {{"field", "upper"}}}}}};
  Json line = {{"mark", {{"type", "line"}, {"strokeWidth", 2}}},
               {"encoding", {{"y", MillisecondAxis("value")}}}};
  Json dots = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 45}, {"opacity", 1}}},
               {"encoding",
                {{"y", MillisecondAxis("value")},
                 {"tooltip",
                  {TooltipLine("variant", "variant"), TooltipLine("percentile", "percentile"),
                   TooltipLine("value", "ms", ".3f"), TooltipLine("lower", "from", ".3f"),
                   TooltipLine("upper", "to", ".3f")}}}}};
  return {{"width", kChartWidth},
          {"height", 260},
          {"encoding", {{"x", NinesAxis()}, {"color", color}}},
          {"layer", {band, line, dots}}};
}

}  // namespace

Chart PercentileChart(const v1::LatencyReport& report, const std::vector<std::string>& variants) {
  const int columns = Columns(report);
  return {.id = "percentile-chart",
          .title = "Latency by percentile",
          .caption = fmt::format("From the server's core to the answer. Shaded: {:g} % intervals; "
                                 "there is none where the sample is too small to bound a "
                                 "percentile on both sides.",
                                 100 * report.confidence()),
          .spec = Finish(Facet("load", columns, PercentilePanel(VariantColor(variants))),
                         PercentileRows(report), "Latency of each variant by percentile"),
          .wide = columns > 1};
}

Chart RatioChart(const v1::LatencyReport& report) {
  Json rows = Json::array();
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    const bool engine = contrast.measure() == v1::LATENCY_MEASURE_ENGINE;
    Json row = {
        {"pair", fmt::format("{} / {}", contrast.variant(), contrast.baseline())},
        {"panel", fmt::format("{}, {}", LoadName(contrast.batch_size(), contrast.concurrency()),
                              engine ? "engine" : "served")},
        {"verdict", WordOf(contrast.verdict())}};
    SetInterval(row, contrast.ratio_simultaneous(), 1);
    row["value"] = contrast.ratio().value();
    row["inner_lower"] = contrast.ratio().lower();
    row["inner_upper"] = contrast.ratio().upper();
    rows.push_back(std::move(row));
  }
  IntervalPlot plot;
  plot.y = "pair";
  plot.x_title = "ratio of latencies (below 1: faster)";
  plot.format = ".3f";
  plot.color = VerdictColor();
  plot.has_inner = true;
  plot.reference = 1;
  plot.band_lower = 1 / (1 + report.margin());
  plot.band_upper = 1 + report.margin();
  return {.id = "ratio-chart",
          .title = "Ratios of latency",
          .caption =
              "Of the rounds' medians. Thick: the interval of this ratio by itself; thin: "
              "of all together, which the verdict goes by. Shaded: what would not matter.",
          .spec = Finish(Facet("panel", 2, IntervalPanel(plot)), std::move(rows),
                         "Ratios of latency with intervals"),
          .wide = true};
}

}  // namespace actium::report
