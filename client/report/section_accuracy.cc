#include <fmt/format.h>

#include <vector>

#include "client/report/chart.h"
#include "client/report/charts_accuracy.h"
#include "client/report/figure.h"
#include "client/report/html.h"
#include "client/report/sections.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

constexpr double kPercent = 100;
constexpr auto kNumber = HtmlTable::Align::kNumber;

std::string VariantTable(const v1::AccuracyReport& report) {
  HtmlTable table("Each variant by itself",
                  {{"variant"},
                   {"accuracy, %", kNumber},
                   {fmt::format("{:g} % interval", kPercent * report.confidence()), kNumber},
                   {fmt::format("top {}, %", report.top_k()), kNumber},
                   {"mean confidence, %", kNumber},
                   {"NLL", kNumber},
                   {"Brier", kNumber},
                   {"ECE", kNumber},
                   {"MCE", kNumber}});
  for (const v1::VariantAccuracy& variant : report.variants()) {
    table.AddRow({variant.variant(), Number(kPercent * variant.accuracy().value(), 2),
                  Range(variant.accuracy(), kPercent, 2),
                  Number(kPercent * variant.top_k_accuracy().value(), 2),
                  Number(kPercent * variant.mean_confidence(), 2),
                  Number(variant.negative_log_likelihood(), 4), Number(variant.brier_score(), 4),
                  Number(variant.expected_calibration_error(), 4),
                  Number(variant.maximum_calibration_error(), 4)});
  }
  return table.Render();
}

std::string ContrastTable(const v1::AccuracyReport& report) {
  HtmlTable table("Differences of accuracy, percentage points", {{"variant"},
                                                                 {"against"},
                                                                 {"points", kNumber},
                                                                 {"all together", kNumber},
                                                                 {"only it right", kNumber},
                                                                 {"only the other", kNumber},
                                                                 {"agree, %", kNumber},
                                                                 {"p (Holm)", kNumber},
                                                                 {"verdict"},
                                                                 {"examples needed", kNumber}});
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const std::string verdict = WordOf(contrast.verdict());
    const int64_t needed = contrast.examples_needed();
    table.AddRow({contrast.variant(),
                  contrast.baseline(),
                  Number(kPercent * contrast.difference().value(), 2, true),
                  Range(contrast.difference_simultaneous(), kPercent, 2, true),
                  std::to_string(contrast.only_variant()),
                  std::to_string(contrast.only_baseline()),
                  Number(kPercent * contrast.agreement().value(), 2),
                  PValue(contrast.p_adjusted()),
                  {verdict, verdict},
                  needed > 0 ? std::to_string(needed) : ""});
  }
  return table.Render();
}

}  // namespace

Section AccuracySection(const Inputs& inputs) {
  Section section{.id = "accuracy", .title = "Accuracy", .html = ""};
  if (inputs.accuracy == nullptr) return section;
  const v1::AccuracyReport& report = *inputs.accuracy;
  const auto variants = VariantNames(inputs);
  section.html = VariantTable(report) + ContrastTable(report) +
                 RenderCharts({AccuracyChart(report, variants), DifferenceChart(report)});
  return section;
}

}  // namespace actium::report
