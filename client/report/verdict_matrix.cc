#include "client/report/verdict_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "client/report/html.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

std::string Points(double share) { return Number(100 * share, 2, true) + " points"; }

// As a multiple, whichever way round it is read.
std::string Times(double ratio, const std::string& load) {
  return fmt::format("×{} at {}", Number(ratio, 2), load);
}

void Add(VerdictMatrix& matrix, const std::string& variant, const std::string& against,
         MatrixEntry entry) {
  matrix.entries[{variant, against}].push_back(std::move(entry));
}

void AddAccuracy(const v1::AccuracyReport& report, VerdictMatrix& matrix) {
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const auto& [variant, baseline] = std::tie(contrast.variant(), contrast.baseline());
    if (!report.labelled()) {
      const std::string agree =
          fmt::format("agree on {} %", Number(100 * contrast.agreement().value(), 2));
      Add(matrix, variant, baseline, {.verdict = "", .detail = agree});
      Add(matrix, baseline, variant, {.verdict = "", .detail = agree});
      continue;
    }
    const double points = contrast.difference().value();
    Add(matrix, variant, baseline,
        {.verdict = WordOf(contrast.verdict()), .detail = Points(points)});
    Add(matrix, baseline, variant,
        {.verdict = WordOf(Mirrored(contrast.verdict())), .detail = Points(-points)});
  }
}

void AddLatency(const v1::LatencyReport& report, VerdictMatrix& matrix) {
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    if (contrast.measure() != v1::LATENCY_MEASURE_SERVED) continue;
    const std::string load = LoadName(contrast.batch_size(), contrast.concurrency());
    const double ratio = contrast.ratio().value();
    Add(matrix, contrast.variant(), contrast.baseline(),
        {.verdict = WordOf(contrast.verdict()), .detail = Times(ratio, load)});
    Add(matrix, contrast.baseline(), contrast.variant(),
        {.verdict = WordOf(Mirrored(contrast.verdict())), .detail = Times(1 / ratio, load)});
  }
}

void AddSeeds(const v1::SeedsReport& report, VerdictMatrix& matrix) {
  for (const v1::SeedContrast& contrast : report.contrasts()) {
    const double points = contrast.difference().value();
    Add(matrix, contrast.variant(), contrast.baseline(),
        {.verdict = WordOf(contrast.verdict()), .detail = Points(points) + " over seeds"});
    Add(matrix, contrast.baseline(), contrast.variant(),
        {.verdict = WordOf(Mirrored(contrast.verdict())),
         .detail = Points(-points) + " over seeds"});
  }
}

std::set<std::string> Baselines(const Inputs& inputs) {
  std::set<std::string> baselines;
  if (inputs.accuracy != nullptr) baselines.insert(inputs.accuracy->baseline());
  if (inputs.latency != nullptr) baselines.insert(inputs.latency->baseline());
  if (inputs.seeds != nullptr) baselines.insert(inputs.seeds->baseline());
  return baselines;
}

std::string RenderCell(const VerdictMatrix& matrix, const std::string& row,
                       const std::string& column) {
  if (row == column) return "<td class=\"self\"></td>";
  const auto found = matrix.entries.find({row, column});
  if (found == matrix.entries.end()) return "<td></td>";
  std::string html = "<td>";
  for (const MatrixEntry& entry : found->second) {
    html +=
        fmt::format("<div><span class=\"{0}\">{0}</span> <span class=\"detail\">{1}</span></div>",
                    Escape(entry.verdict), Escape(entry.detail));
  }
  return html + "</td>";
}

}  // namespace

VerdictMatrix MakeVerdictMatrix(const Inputs& inputs) {
  VerdictMatrix matrix;
  if (inputs.accuracy != nullptr) AddAccuracy(*inputs.accuracy, matrix);
  if (inputs.latency != nullptr) AddLatency(*inputs.latency, matrix);
  if (inputs.seeds != nullptr) AddSeeds(*inputs.seeds, matrix);
  const std::set<std::string> baselines = Baselines(inputs);
  const bool all_pairs =
      std::any_of(matrix.entries.begin(), matrix.entries.end(), [&](const auto& entry) {
        return !baselines.contains(entry.first.first) && !baselines.contains(entry.first.second);
      });
  for (const std::string& name : VariantNames(inputs)) {
    if (all_pairs || baselines.contains(name)) matrix.columns.push_back(name);
    // The row of the only column would have nothing but itself.
    if (all_pairs || baselines.size() > 1 || !baselines.contains(name)) matrix.rows.push_back(name);
  }
  return matrix;
}

std::string RenderVerdictMatrix(const VerdictMatrix& matrix) {
  if (matrix.entries.empty()) return "";
  std::string html =
      "<div class=\"scroll\"><table class=\"matrix\">\n"
      "<caption>Each row’s variant against each column’s</caption>\n<thead><tr><td></td>";
  for (const std::string& column : matrix.columns) {
    html += fmt::format("<th scope=\"col\">{}</th>", Escape(column));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const std::string& row : matrix.rows) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", Escape(row));
    for (const std::string& column : matrix.columns) html += RenderCell(matrix, row, column);
    html += "</tr>\n";
  }
  return html + "</tbody>\n</table></div>\n";
}

}  // namespace actium::report
