#include "client/report/charts_confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "client/report/charts_accuracy.h"

namespace actium::report {
namespace {

const v1::VariantAccuracy* FindBaseline(const v1::AccuracyReport& report) {
  for (const v1::VariantAccuracy& variant : report.variants()) {
    if (variant.variant() == report.baseline()) return &variant;
  }
  return nullptr;
}

bool HasMatrix(const v1::VariantAccuracy& variant, int classes) {
  return variant.confusion_size() == classes * classes;
}

void AppendChanges(const v1::VariantAccuracy& variant, const v1::VariantAccuracy& baseline,
                   int classes, std::vector<ConfusionChange>& changes) {
  for (int i = 0; i < variant.confusion_size(); ++i) {
    const int64_t change = variant.confusion(i) - baseline.confusion(i);
    if (change == 0) continue;
    changes.push_back(
        {.variant = &variant, .label = i / classes, .predicted = i % classes, .change = change});
  }
}

// More on the diagonal is better, more beside it is worse.
bool IsGood(const ConfusionChange& cell) {
  return (cell.label == cell.predicted) == (cell.change > 0);
}

Json Rows(const v1::AccuracyReport& report, const std::vector<ConfusionChange>& changes) {
  Json rows = Json::array();
  for (const ConfusionChange& cell : changes) {
    rows.push_back({{"panel", fmt::format("{} − {}", cell.variant->variant(), report.baseline())},
                    {"label", ClassName(report, cell.label)},
                    {"predicted", ClassName(report, cell.predicted)},
                    {"change", cell.change},
                    {"size", std::abs(cell.change)},
                    {"kind", IsGood(cell) ? "better" : "worse"}});
  }
  return rows;
}

Json ClassAxis(const v1::AccuracyReport& report, const std::string& field,
               const std::string& title) {
  Json names = Json::array();
  for (int i = 0; i < report.classes(); ++i) names.push_back(ClassName(report, i));
  return {{"field", field},
          {"type", "ordinal"},
          {"title", title},
          {"scale", {{"domain", std::move(names)}}},
          {"axis", {{"labelLimit", 90}, {"domain", false}, {"ticks", false}}}};
}

Json Panel(const v1::AccuracyReport& report) {
  const Json cell = {
      {"mark", {{"type", "rect"}, {"cornerRadius", 2}}},
      {"encoding",
       {{"color",
         {{"field", "kind"},
          {"type", "nominal"},
          {"title", nullptr},
          {"scale", {{"domain", {"better", "worse"}}, {"range", {"#1d9e74", "#d9534a"}}}}}},
        {"opacity",
         {{"field", "size"},
          {"type", "quantitative"},
          {"scale", {{"type", "sqrt"}, {"range", {0.12, 0.85}}}},
          {"legend", nullptr}}},
        {"tooltip",
         {TooltipLine("label", "right class"), TooltipLine("predicted", "predicted"),
          TooltipLine("change", "examples", "+d")}}}}};
  const Json number = {
      {"mark", {{"type", "text"}, {"fontSize", 10}}},
      {"encoding", {{"text", {{"field", "change"}, {"type", "quantitative"}, {"format", "+d"}}}}}};
  return {{"width", {{"step", report.classes() > 12 ? 34 : 38}}},
          {"height", {{"step", 24}}},
          {"encoding",
           {{"x", ClassAxis(report, "predicted", "predicted class")},
            {"y", ClassAxis(report, "label", "right class")}}},
          {"layer", {cell, number}}};
}

}  // namespace

std::vector<ConfusionChange> ConfusionChanges(const v1::AccuracyReport& report) {
  std::vector<ConfusionChange> changes;
  const v1::VariantAccuracy* baseline = FindBaseline(report);
  if (baseline == nullptr || !HasMatrix(*baseline, report.classes())) return changes;
  for (const v1::VariantAccuracy& variant : report.variants()) {
    if (HasMatrix(variant, report.classes())) {
      AppendChanges(variant, *baseline, report.classes(), changes);
    }
  }
  return changes;
}

std::optional<Chart> ConfusionChart(const v1::AccuracyReport& report) {
  const auto changes = ConfusionChanges(report);
  if (changes.empty() || report.classes() > kMostMatrixClasses) return std::nullopt;
  return Chart{.id = "confusion-chart",
               .title = "What changes against the baseline",
               .caption = fmt::format("Confusion matrices minus that of {}: examples more (+) or "
                                      "fewer (−) with this right and this predicted class. On the "
                                      "diagonal, more is better; beside it, fewer.",
                                      report.baseline()),
               .spec = FinishPanels({.field = "panel", .columns = report.classes() > 12 ? 1 : 2},
                                    Panel(report), Rows(report, changes),
                                    "Differences of confusion matrices"),
               .wide = true};
}

}  // namespace actium::report
