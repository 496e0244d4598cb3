#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "client/report/chart.h"
#include "client/report/charts_latency.h"
#include "client/report/figure.h"
#include "client/report/html.h"
#include "client/report/sections.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

constexpr auto kNumber = HtmlTable::Align::kNumber;

std::string Milliseconds(double nanoseconds) { return Number(nanoseconds / 1e6, 3); }

// "0.412 (0.409 to 0.420)"; an end that the sample is too small for is left open.
std::string QuantileText(const v1::LatencyCell& cell, double wanted) {
  const auto found = std::find_if(
      cell.served().begin(), cell.served().end(),
      [&](const v1::LatencyQuantile& own) { return std::abs(own.quantile() - wanted) < 1e-9; });
  if (found == cell.served().end()) return "";
  return fmt::format("{} ({} to {})", Milliseconds(found->value_ns()),
                     found->has_lower_ns() ? Milliseconds(found->lower_ns()) : "?",
                     found->has_upper_ns() ? Milliseconds(found->upper_ns()) : "?");
}

std::string CellTable(const v1::LatencyReport& report) {
  HtmlTable table(
      "Times, ms; in brackets the interval, with ? where the sample is too small for it",
      {{"variant"},
       {"load"},
       {"p50", kNumber},
       {"p99", kNumber},
       {"engine, median", kNumber},
       {"rows/s", kNumber},
       {"batches", kNumber}});
  for (const v1::LatencyCell& cell : report.cells()) {
    table.AddRow({cell.variant(), LoadName(cell.batch_size(), cell.concurrency()),
                  QuantileText(cell, 0.5), QuantileText(cell, 0.99),
                  Milliseconds(cell.compute_ns()), Number(cell.rows_per_second(), 0),
                  std::to_string(cell.samples())});
  }
  return table.Render();
}

HtmlTable::Cell VerdictCell(const v1::LatencyContrast& contrast) {
  const std::string verdict = WordOf(contrast.verdict());
  return {verdict, verdict};
}

std::string ContrastTable(
    const std::string& caption,
    const google::protobuf::RepeatedPtrField<v1::LatencyContrast>& contrasts) {
  HtmlTable table(caption, {{"variant"},
                            {"against"},
                            {"load"},
                            {"measured"},
                            {"ratio", kNumber},
                            {"all together", kNumber},
                            {"p (Holm)", kNumber},
                            {"verdict"},
                            {"rounds needed", kNumber}});
  for (const v1::LatencyContrast& contrast : contrasts) {
    const int64_t needed = contrast.rounds_needed();
    table.AddRow({contrast.variant(), contrast.baseline(),
                  LoadName(contrast.batch_size(), contrast.concurrency()),
                  contrast.measure() == v1::LATENCY_MEASURE_ENGINE ? "engine" : "served",
                  Number(contrast.ratio().value(), 3), Range(contrast.ratio_simultaneous(), 1, 3),
                  PValue(contrast.p_adjusted()), VerdictCell(contrast),
                  needed > 0 ? std::to_string(needed) : ""});
  }
  return table.empty() ? "" : table.Render();
}

std::string Noise(const v1::LatencyReport& report) {
  if (!report.too_noisy()) return "";
  return "<p class=\"notes\">The machine was too restless to name a winner: the baseline differs "
         "from itself, or varies too much from round to round.</p>\n";
}

}  // namespace

Section LatencySection(const Inputs& inputs) {
  Section section{.id = "latency", .title = "Latency", .html = ""};
  if (inputs.latency == nullptr) return section;
  const v1::LatencyReport& report = *inputs.latency;
  const auto variants = VariantNames(inputs);
  std::vector<Chart> charts = {PercentileChart(report, variants), StageChart(report)};
  if (report.contrasts_size() > 0) charts.push_back(RatioChart(report));
  charts.push_back(RoundChart(report, variants));
  section.html = Noise(report) + CellTable(report) + RenderCharts(charts) +
                 ContrastTable("Ratios of latency", report.contrasts()) +
                 ContrastTable("The baseline against itself, as a check of the machine",
                               report.repeated_baseline());
  return section;
}

}  // namespace actium::report
