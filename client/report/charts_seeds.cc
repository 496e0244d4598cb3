#include "client/report/charts_seeds.h"

#include <fmt/format.h>

#include <cmath>

#include "client/report/contrast_plot.h"

namespace actium::report {
namespace {

constexpr double kPercent = 100;

// A row has either a seed's accuracy or the variant's mean; marks leave out rows without their
// field.
Json SeedRows(const v1::SeedsReport& report) {
  Json rows = Json::array();
  for (const v1::SeedVariant& variant : report.variants()) {
    for (int i = 0; i < variant.accuracies_size(); ++i) {
      rows.push_back({{"variant", variant.variant()},
                      {"seed", i < variant.seeds_size() ? std::to_string(variant.seeds(i)) : ""},
                      {"accuracy", kPercent * variant.accuracies(i)}});
    }
    Json mean = {{"variant", variant.variant()}};
    SetInterval(mean, variant.mean_accuracy(), kPercent);
    // Of one seed the interval is the whole line: there is nothing to draw.
    if (!std::isfinite(variant.mean_accuracy().lower())) mean["lower"] = mean["upper"] = nullptr;
    rows.push_back(std::move(mean));
  }
  return rows;
}

}  // namespace

Chart SeedChart(const v1::SeedsReport& report, const std::vector<std::string>& variants) {
  IntervalPlot plot;
  plot.x_title = "accuracy, %";
  plot.color = VariantColor(variants, /*legend=*/false);
  Json panel = IntervalPanel(plot);
  // The seeds lie over the interval, whose middle the mean's dot marks.
  panel["layer"].push_back(
      {{"mark", {{"type", "point"}, {"size", 34}, {"strokeWidth", 1.5}, {"opacity", 0.8}}},
       {"encoding",
        {{"y", panel["layer"][0]["encoding"]["y"]},
         {"x",
          {{"field", "accuracy"},
           {"type", "quantitative"},
           {"title", plot.x_title},
           {"scale", {{"zero", false}}}}},
         {"color", plot.color},
         {"tooltip",
          {TooltipLine("variant", "variant"), TooltipLine("seed", "seed"),
           TooltipLine("accuracy", "accuracy, %", ".2f")}}}}});
  return {.id = "seed-chart",
          .title = "Accuracy by training seed",
          .caption = fmt::format("Rings: one training each. Dot and line: their mean with its {:g} "
                                 "% interval over seeds.",
                                 kPercent * report.confidence()),
          .spec = Finish(std::move(panel), SeedRows(report), "Accuracy of each training seed")};
}

Chart SeedDifferenceChart(const v1::SeedsReport& report) {
  const IntervalPlot plot =
      DifferencePlot("difference of mean accuracy, percentage points", report.margin());
  return {.id = "seed-difference-chart",
          .title = "Differences over seeds",
          .caption = ContrastCaption(report, ""),
          .spec = Finish(IntervalPanel(plot), DifferenceRows(report),
                         "Differences of mean accuracy with intervals")};
}

}  // namespace actium::report
