#include <fmt/format.h>

#include "client/report/charts_seeds.h"
#include "client/report/figure.h"
#include "client/report/html.h"
#include "client/report/sections.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

constexpr double kPercent = 100;
constexpr auto kNumber = HtmlTable::Align::kNumber;

std::string VariantTable(const v1::SeedsReport& report) {
  HtmlTable table("Each variant over its seeds",
                  {{"variant"},
                   {"seeds", kNumber},
                   {"mean accuracy, %", kNumber},
                   {fmt::format("{:g} % interval", kPercent * report.confidence()), kNumber},
                   {"standard deviation, points", kNumber}});
  for (const v1::SeedVariant& variant : report.variants()) {
    table.AddRow({variant.variant(), std::to_string(variant.seeds_size()),
                  Number(kPercent * variant.mean_accuracy().value(), 2),
                  Range(variant.mean_accuracy(), kPercent, 2),
                  Number(kPercent * variant.accuracy_sd(), 2)});
  }
  return table.Render();
}

std::string ContrastTable(const v1::SeedsReport& report) {
  HtmlTable table("Differences of mean accuracy, percentage points", {{"variant"},
                                                                      {"against"},
                                                                      {"pairs"},
                                                                      {"points", kNumber},
                                                                      {"all together", kNumber},
                                                                      {"Hedges’ g", kNumber},
                                                                      {"p (Holm)", kNumber},
                                                                      {"verdict"},
                                                                      {"seeds needed", kNumber}});
  for (const v1::SeedContrast& contrast : report.contrasts()) {
    const std::string verdict = WordOf(contrast.verdict());
    const int64_t needed = contrast.seeds_needed();
    table.AddRow({contrast.variant(),
                  contrast.baseline(),
                  contrast.paired() ? "by seed" : "none",
                  Number(kPercent * contrast.difference().value(), 2, true),
                  Range(contrast.difference_simultaneous(), kPercent, 2, true),
                  contrast.has_hedges_g() ? Number(contrast.hedges_g(), 2, true) : "",
                  PValue(contrast.p_adjusted()),
                  {verdict, verdict},
                  needed > 0 ? std::to_string(needed) : ""});
  }
  return table.empty() ? "" : table.Render();
}

std::string Omnibus(const v1::SeedsReport& report) {
  if (!report.has_omnibus()) return "";
  return fmt::format(
      "<p class=\"soft\">Whether they differ at all, by their ranks for each seed (Friedman’s "
      "test): "
      "p {}.</p>\n",
      Escape(PValue(report.omnibus().p())));
}

}  // namespace

Section SeedsSection(const Inputs& inputs) {
  Section section{.id = "seeds", .title = "Training seeds", .html = ""};
  if (inputs.seeds == nullptr) return section;
  const v1::SeedsReport& report = *inputs.seeds;
  std::vector<Chart> charts = {SeedChart(report, VariantNames(inputs))};
  if (report.contrasts_size() > 0) charts.push_back(SeedDifferenceChart(report));
  section.html = fmt::format("<p class=\"soft\">On {} examples.</p>\n", report.examples()) +
                 RenderCharts(charts) + VariantTable(report) + ContrastTable(report) +
                 Omnibus(report);
  return section;
}

}  // namespace actium::report
