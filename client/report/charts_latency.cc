#include "client/report/charts_latency.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "client/report/contrast_plot.h"

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

Json PercentilePanel(const Json& color, int columns) {
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
  return {{"width", WidthOf(columns)},
          {"height", 260},
          {"encoding", {{"x", NinesAxis()}, {"color", color}}},
          {"layer", {band, line, dots}}};
}

Json RatioRows(const v1::LatencyReport& report) {
  Json rows = Json::array();
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    if (IsLeftOut(report, contrast)) continue;
    const bool engine = contrast.measure() == v1::LATENCY_MEASURE_ENGINE;
    Json row = {
        {"pair", fmt::format("{} / {}", contrast.variant(), contrast.baseline())},
        {"panel", fmt::format("{}, {}", LoadName(contrast.batch_size(), contrast.concurrency()),
                              engine ? "engine" : "served")}};
    SetContrast(row, contrast.ratio(), contrast.ratio_simultaneous(), 1, contrast.verdict());
    rows.push_back(std::move(row));
  }
  return rows;
}

Json StageRows(const v1::LatencyReport& report) {
  Json rows = Json::array();
  for (const v1::LatencyCell& cell : report.cells()) {
    const std::pair<const char*, double> stages[] = {{"queue", cell.queue_ns()},
                                                     {"gather", cell.gather_ns()},
                                                     {"compute", cell.compute_ns()},
                                                     {"scatter", cell.scatter_ns()}};
    int order = 0;
    for (const auto& [stage, nanoseconds] : stages) {
      rows.push_back({{"variant", cell.variant()},
                      {"load", LoadOf(cell)},
                      {"stage", stage},
                      {"order", order++},
                      {"value", nanoseconds / kMillisecond}});
    }
  }
  return rows;
}

Json RoundRows(const v1::LatencyReport& report) {
  Json rows = Json::array();
  for (const v1::LatencyCell& cell : report.cells()) {
    for (int i = 0; i < cell.served_round_medians_ns_size(); ++i) {
      rows.push_back({{"variant", cell.variant()},
                      {"load", LoadOf(cell)},
                      {"round", i + 1},
                      {"value", cell.served_round_medians_ns(i) / kMillisecond}});
    }
  }
  return rows;
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
          .spec = FinishPanels({.field = "load", .columns = columns, .independent = "y"},
                               PercentilePanel(VariantColor(variants), columns),
                               PercentileRows(report), "Latency of each variant by percentile"),
          .wide = columns > 1};
}

Chart RatioChart(const v1::LatencyReport& report) {
  const IntervalPlot plot = {.y = "pair",
                             .x_title = "ratio of latencies (below 1: faster)",
                             .format = ".3f",
                             .color = VerdictColor(),
                             .has_inner = true,
                             .reference = 1,
                             .band_lower = 1 / (1 + report.margin()),
                             .band_upper = 1 + report.margin(),
                             .width = 400};
  return {.id = "ratio-chart",
          .title = "Ratios of latency",
          .caption = ContrastCaption(report, "Of the rounds' medians. "),
          .spec = FinishPanels({.field = "panel", .columns = 2}, IntervalPanel(plot),
                               RatioRows(report), "Ratios of latency with intervals"),
          .wide = true};
}

Chart StageChart(const v1::LatencyReport& report) {
  const int columns = Columns(report);
  const Json panel = {
      {"width", WidthOf(columns)},
      {"height", {{"step", 26}}},
      {"mark", {{"type", "bar"}, {"cornerRadius", 1}}},
      {"encoding",
       {{"y", {{"field", "variant"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}}},
        {"x",
         {{"field", "value"},
          {"type", "quantitative"},
          {"title", "median, ms"},
          {"axis", {{"tickCount", 6}}}}},
        {"color",
         {{"field", "stage"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale",
           {{"domain", {"queue", "gather", "compute", "scatter"}},
            {"range", {"#8a909a", "#a98600", "#3d7fd6", "#a45fc9"}}}}}},
        {"order", {{"field", "order"}, {"type", "quantitative"}}},
        {"tooltip",
         {TooltipLine("variant", "variant"), TooltipLine("stage", "stage"),
          TooltipLine("value", "ms", ".4f")}}}}};
  return {.id = "stage-chart",
          .title = "Where the time goes",
          .caption = "Median of each stage of a batch; medians do not add up exactly.",
          .spec = FinishPanels({.field = "load", .columns = columns, .independent = "x"}, panel,
                               StageRows(report), "Median time of each stage"),
          .wide = columns > 1};
}

Chart RoundChart(const v1::LatencyReport& report, const std::vector<std::string>& variants) {
  const int columns = Columns(report);
  const Json panel = {{"width", WidthOf(columns)},
                      {"height", 180},
                      {"mark", {{"type", "line"}, {"strokeWidth", 1.5}, {"point", {{"size", 18}}}}},
                      {"encoding",
                       {{"x",
                         {{"field", "round"},
                          {"type", "quantitative"},
                          {"title", "round"},
                          {"axis", {{"grid", false}, {"tickMinStep", 1}}}}},
                        {"y", MillisecondAxis("value")},
                        {"color", VariantColor(variants)},
                        {"tooltip",
                         {TooltipLine("variant", "variant"), TooltipLine("round", "round", "d"),
                          TooltipLine("value", "ms", ".3f")}}}}};
  return {.id = "round-chart",
          .title = "Round by round",
          .caption =
              "Median of each round, served, in the order in which they were measured: what "
              "the ratios are computed from. Steps and slopes show a machine that changed.",
          .spec = FinishPanels({.field = "load", .columns = columns, .independent = "y"}, panel,
                               RoundRows(report), "Median latency of each round"),
          .wide = columns > 1};
}

}  // namespace actium::report
