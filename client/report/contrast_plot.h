#ifndef ACTIUM_CLIENT_REPORT_CONTRAST_PLOT_H_
#define ACTIUM_CLIENT_REPORT_CONTRAST_PLOT_H_

#include <fmt/format.h>

#include <string>

#include "client/report/chart.h"
#include "client/report/words.h"

/// What the charts of contrasts share, whatever their message is.
namespace actium::report {

/// Most contrasts in one chart; of more, those with the baseline are shown.
inline constexpr int kMostContrasts = 16;

/// Whether a chart of all pairs leaves this contrast out.
template <class Report, class Contrast>
bool IsLeftOut(const Report& report, const Contrast& contrast) {
  return report.contrasts_size() > kMostContrasts && contrast.baseline() != report.baseline() &&
         contrast.variant() != report.baseline();
}

/// Sets a row's interval of all contrasts together, the inner one by itself, and its verdict.
template <class Verdict>
void SetContrast(Json& row, const v1::Estimate& own, const v1::Estimate& together, double scale,
                 Verdict verdict) {
  SetInterval(row, together, scale);
  row["value"] = scale * own.value();
  row["inner_lower"] = scale * own.lower();
  row["inner_upper"] = scale * own.upper();
  row["verdict"] = WordOf(verdict);
}

/// Rows of differences of accuracy, percentage points. Report: of accuracy or of seeds.
template <class Report>
Json DifferenceRows(const Report& report) {
  Json rows = Json::array();
  for (const auto& contrast : report.contrasts()) {
    if (IsLeftOut(report, contrast)) continue;
    Json row = {{"pair", fmt::format("{} − {}", contrast.variant(), contrast.baseline())}};
    SetContrast(row, contrast.difference(), contrast.difference_simultaneous(), 100,
                contrast.verdict());
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The plot of such rows. margin: a share.
inline IntervalPlot DifferencePlot(const std::string& x_title, double margin) {
  return {.y = "pair",
          .x_title = x_title,
          .format = "+.2f",
          .color = VerdictColor(),
          .has_inner = true,
          .reference = 0,
          .band_lower = -100 * margin,
          .band_upper = 100 * margin};
}

/// How to read a chart of contrasts.
template <class Report>
std::string ContrastCaption(const Report& report, const std::string& begin) {
  std::string caption = begin +
                        "Thick: the interval by itself; thin: of all together, which the verdict "
                        "goes by. Shaded: what would not matter.";
  if (report.contrasts_size() > kMostContrasts) {
    caption += fmt::format(" Only those with {}; the table has all.", report.baseline());
  }
  return caption;
}

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CONTRAST_PLOT_H_
