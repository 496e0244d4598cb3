#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "client/report/chart.h"
#include "client/report/charts_accuracy.h"
#include "client/report/charts_calibration.h"
#include "client/report/charts_confusion.h"
#include "client/report/figure.h"
#include "client/report/gallery.h"
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
                   {"confidence, %", kNumber},
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

// Of a report without labels: what it says of the answers alone.
std::string AnswerTable(const v1::AccuracyReport& report) {
  HtmlTable table("Each variant by itself", {{"variant"},
                                             {"mean confidence, %", kNumber},
                                             {"answers not finite", kNumber},
                                             {"answers that depend on the batch", kNumber}});
  for (const v1::VariantAccuracy& variant : report.variants()) {
    table.AddRow({variant.variant(), Number(kPercent * variant.mean_confidence(), 2),
                  std::to_string(variant.non_finite_examples()),
                  fmt::format("{} of {}", variant.batch_flips(), report.batch_checked())});
  }
  return table.Render();
}

std::string AgreementTable(const v1::AccuracyReport& report) {
  HtmlTable table("Agreement of predicted classes",
                  {{"variant"},
                   {"with"},
                   {"same class, %", kNumber},
                   {fmt::format("{:g} % interval", kPercent * report.confidence()), kNumber},
                   {"Cohen’s kappa", kNumber}});
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    table.AddRow({contrast.variant(), contrast.baseline(),
                  Number(kPercent * contrast.agreement().value(), 2),
                  Range(contrast.agreement(), kPercent, 2),
                  contrast.has_kappa() ? Number(contrast.kappa(), 3) : ""});
  }
  return table.Render();
}

std::string Omnibus(const v1::AccuracyReport& report) {
  return fmt::format(
      "<p class=\"soft\">Whether they differ at all (Cochran’s Q): {}, p {}. On {} of {} examples "
      "variants predict different classes.</p>\n",
      Number(report.omnibus().q(), 2), Escape(PValue(report.omnibus().p())),
      report.disagreement_count(), report.examples());
}

// Of more classes than a matrix can show, the cells that change most.
std::string LargestChanges(const v1::AccuracyReport& report) {
  constexpr size_t kMost = 20;
  auto changes = ConfusionChanges(report);
  if (changes.empty() || report.classes() <= kMostMatrixClasses) return "";
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return std::abs(a.change) > std::abs(b.change);
  });
  if (changes.size() > kMost) changes.resize(kMost);
  HtmlTable table(
      fmt::format("What changes most against {}, examples more or fewer", report.baseline()),
      {{"variant"}, {"right class"}, {"predicted"}, {"examples", kNumber}});
  for (const ConfusionChange& cell : changes) {
    table.AddRow({cell.variant->variant(), ClassName(report, cell.label),
                  ClassName(report, cell.predicted),
                  Number(static_cast<double>(cell.change), 0, true)});
  }
  return table.Render();
}

std::vector<Chart> LabelledCharts(const v1::AccuracyReport& report,
                                  const std::vector<std::string>& variants) {
  std::vector<Chart> charts = {AccuracyChart(report, variants)};
  if (report.contrasts_size() > 0) charts.push_back(DifferenceChart(report));
  if (HasBins(report)) charts.push_back(ReliabilityChart(report, variants));
  if (report.classes() <= kMostMatrixClasses) charts.push_back(RecallChart(report, variants));
  if (auto chart = ConfusionChart(report)) charts.push_back(*std::move(chart));
  return charts;
}

}  // namespace

Section AccuracySection(const Inputs& inputs) {
  Section section{.id = "accuracy", .title = "Accuracy", .html = ""};
  if (inputs.accuracy == nullptr) return section;
  const v1::AccuracyReport& report = *inputs.accuracy;
  if (report.labelled()) {
    section.html = VariantTable(report) +
                   RenderCharts(LabelledCharts(report, VariantNames(inputs))) +
                   LargestChanges(report) + ContrastTable(report) + Omnibus(report);
  } else {
    section.title = "Answers";
    section.html = "<p>The examples have no labels: nothing is said of being right.</p>\n" +
                   AnswerTable(report) + RenderCharts({AgreementChart(report)}) +
                   AgreementTable(report);
  }
  section.html += RenderGallery(report, inputs.gallery);
  return section;
}

}  // namespace actium::report
