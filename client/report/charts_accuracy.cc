#include "client/report/charts_accuracy.h"

#include <fmt/format.h>

#include "client/report/contrast_plot.h"

namespace actium::report {
namespace {

constexpr double kPercent = 100;

}  // namespace

Chart AccuracyChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants) {
  Json rows = Json::array();
  for (const v1::VariantAccuracy& variant : report.variants()) {
    Json row = {{"variant", variant.variant()}};
    SetInterval(row, variant.accuracy(), kPercent);
    rows.push_back(std::move(row));
  }
  IntervalPlot plot;
  plot.x_title = "accuracy, %";
  plot.color = VariantColor(variants, /*legend=*/false);
  return {.id = "accuracy-chart",
          .title = "Accuracy of each variant",
          .caption = fmt::format("Share of {} examples predicted right, with the {:g} % interval "
                                 "of each by itself. Intervals that overlap may still be of "
                                 "variants that differ: the examples are the same.",
                                 report.examples(), kPercent * report.confidence()),
          .spec = Finish(IntervalPanel(plot), std::move(rows), "Accuracy of each variant")};
}

Chart DifferenceChart(const v1::AccuracyReport& report) {
  const IntervalPlot plot =
      DifferencePlot("difference of accuracy, percentage points", report.margin());
  return {.id = "difference-chart",
          .title = "Differences of accuracy",
          .caption = ContrastCaption(report, ""),
          .spec = Finish(IntervalPanel(plot), DifferenceRows(report),
                         "Differences of accuracy with intervals")};
}

Chart AgreementChart(const v1::AccuracyReport& report) {
  Json rows = Json::array();
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    if (IsLeftOut(report, contrast)) continue;
    Json row = {{"pair", fmt::format("{} & {}", contrast.variant(), contrast.baseline())}};
    SetInterval(row, contrast.agreement(), kPercent);
    rows.push_back(std::move(row));
  }
  IntervalPlot plot;
  plot.y = "pair";
  plot.x_title = "same predicted class, % of examples";
  return {.id = "agreement-chart",
          .title = "How often two variants agree",
          .caption = fmt::format("Share of examples with the same predicted class, right or wrong, "
                                 "with its {:g} % interval.",
                                 kPercent * report.confidence()),
          .spec = Finish(IntervalPanel(plot), std::move(rows), "Agreement of pairs of variants")};
}

Chart RecallChart(const v1::AccuracyReport& report, const std::vector<std::string>& variants) {
  Json rows = Json::array();
  for (const v1::VariantAccuracy& variant : report.variants()) {
    for (int i = 0; i < variant.recall_size(); ++i) {
      Json row = {{"variant", variant.variant()}, {"class", ClassName(report, i)}};
      SetInterval(row, variant.recall(i), kPercent);
      rows.push_back(std::move(row));
    }
  }
  IntervalPlot plot;
  plot.x_title = "recognised, % of the class";
  plot.color = VariantColor(variants, /*legend=*/false);
  plot.width = 190;
  return {.id = "recall-chart",
          .title = "Recall of each class",
          .caption = "Share of each class's examples that were predicted so, with intervals.",
          .spec = FinishPanels({.field = "class", .columns = 4}, IntervalPanel(plot),
                               std::move(rows), "Recall of each class and variant"),
          .wide = true};
}

std::string ClassName(const v1::AccuracyReport& report, int class_number) {
  if (class_number < 0) return "none";
  if (class_number < report.labels_size()) return report.labels(class_number);
  return std::to_string(class_number);
}

}  // namespace actium::report
