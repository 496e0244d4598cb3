#include "client/report/charts_calibration.h"

#include <algorithm>

namespace actium::report {
namespace {

constexpr int kPanels = 4;  // In a row.
constexpr int kPanelSize = 200;

Json Rows(const v1::AccuracyReport& report) {
  Json rows = Json::array();
  for (const v1::VariantAccuracy& variant : report.variants()) {
    for (const v1::ReliabilityBin& bin : variant.reliability()) {
      if (bin.examples() == 0) continue;
      rows.push_back({{"variant", variant.variant()},
                      {"confidence", bin.mean_confidence()},
                      {"accuracy", bin.accuracy()},
                      {"examples", bin.examples()}});
    }
  }
  return rows;
}

Json UnitAxis(const std::string& field, const std::string& title) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", title},
          {"scale", {{"domain", {0, 1}}}},
          {"axis", {{"values", {0, 0.5, 1}}, {"format", ".0%"}}}};
}

Json DiagonalLayer() {
  return {{"data", {{"values", {{{"at", 0}}, {{"at", 1}}}}}},
          {"mark", {{"type", "line"}, {"color", "#8a909a"}, {"strokeDash", {4, 3}}}},
          {"encoding", {{"x", UnitAxis("at", "confidence")}, {"y", UnitAxis("at", "accuracy")}}}};
}

Json BinLayer(Json mark, const Json& color) {
  return {{"mark", std::move(mark)},
          {"encoding",
           {{"x", UnitAxis("confidence", "confidence")},
            {"y", UnitAxis("accuracy", "accuracy")},
            {"color", color}}}};
}

}  // namespace

Chart ReliabilityChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants) {
  const Json color = VariantColor(variants, /*legend=*/false);
  const Json line = BinLayer({{"type", "line"}, {"strokeWidth", 1.5}, {"opacity", 0.6}}, color);
  Json dots = BinLayer({{"type", "point"}, {"filled", true}, {"opacity", 0.9}}, color);
  dots["encoding"]["size"] = {{"field", "examples"},
                              {"type", "quantitative"},
                              {"scale", {{"type", "sqrt"}, {"range", {12, 260}}}},
                              {"title", "examples"}};
  dots["encoding"]["tooltip"] = {
      TooltipLine("variant", "variant"), TooltipLine("confidence", "mean confidence", ".1%"),
      TooltipLine("accuracy", "accuracy", ".1%"), TooltipLine("examples", "examples", ",")};
  const Json panel = {
      {"width", kPanelSize}, {"height", kPanelSize}, {"layer", {DiagonalLayer(), line, dots}}};
  return {.id = "reliability-chart",
          .title = "Reliability",
          .caption =
              "Predictions in 15 bins by the probability of the predicted class. On the "
              "dashed line, a probability is what it says; below it, the variant is too "
              "sure of itself.",
          .spec = FinishPanels({.field = "variant", .columns = kPanels}, panel, Rows(report),
                               "Accuracy against confidence of each variant"),
          .wide = true};
}

bool HasBins(const v1::AccuracyReport& report) {
  return std::any_of(report.variants().begin(), report.variants().end(), [](const auto& variant) {
    return std::any_of(variant.reliability().begin(), variant.reliability().end(),
                       [](const v1::ReliabilityBin& bin) { return bin.examples() > 0; });
  });
}

}  // namespace actium::report
