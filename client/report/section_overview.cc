#include <vector>

#include "client/report/charts_activations.h"
#include "client/report/charts_tradeoff.h"
#include "client/report/figure.h"
#include "client/report/sections.h"
#include "client/report/verdict_matrix.h"
#include "client/report/words.h"

namespace actium::report {

Section OverviewSection(const Inputs& inputs) {
  std::string html = RenderVerdictMatrix(MakeVerdictMatrix(inputs));
  const bool has_both =
      inputs.accuracy != nullptr && inputs.accuracy->labelled() && inputs.latency != nullptr;
  if (has_both) {
    const Chart chart = TradeOffChart(*inputs.accuracy, *inputs.latency, VariantNames(inputs));
    if (!chart.spec["data"]["values"].empty()) html += RenderCharts({chart});
  }
  return {.id = "verdicts", .title = "Verdicts", .html = std::move(html)};
}

Section ActivationsSection(const Inputs& inputs) {
  Section section{.id = "activations", .title = "Activations", .html = ""};
  const auto variants = VariantNames(inputs);
  const auto named = FindActivations(variants);
  if (named.empty()) return section;
  section.html =
      "<p class=\"soft\">Of variants that are named for an activation; a model may use "
      "others besides.</p>\n" +
      RenderCharts(ActivationCharts(named, variants));
  return section;
}

}  // namespace actium::report
