#include "client/report/charts_activations.h"

namespace actium::report {
namespace {

constexpr double kEnd = 5;  // Curves reach from -kEnd to kEnd.
constexpr int kSteps = 400;

using Function = double (*)(activation::Activation, std::span<const double>, double);

Json Rows(const std::vector<NamedActivation>& named, Function function) {
  Json rows = Json::array();
  for (const NamedActivation& own : named) {
    for (int i = 0; i <= kSteps; ++i) {
      const double x = -kEnd + 2 * kEnd * i / kSteps;
      rows.push_back({{"variant", own.variant}, {"x", x}, {"value", function(own.row->id, {}, x)}});
    }
  }
  return rows;
}

Json Panel(const std::string& title, const Json& color) {
  return {{"width", kChartWidth},
          {"height", 240},
          {"mark", {{"type", "line"}, {"strokeWidth", 2}}},
          {"encoding",
           {{"x", {{"field", "x"}, {"type", "quantitative"}, {"title", "x"}}},
            {"y", {{"field", "value"}, {"type", "quantitative"}, {"title", title}}},
            {"color", color},
            // Where curves lie upon each other, the dashes let both be seen.
            {"strokeDash",
             {{"field", "variant"},
              {"type", "nominal"},
              {"scale", {{"domain", color["scale"]["domain"]}}},
              {"legend", nullptr}}}}}};
}

}  // namespace

std::vector<NamedActivation> FindActivations(const std::vector<std::string>& variants) {
  std::vector<NamedActivation> named;
  for (const std::string& variant : variants) {
    const std::string_view name = std::string_view(variant).substr(0, variant.rfind(':'));
    if (const activation::Row* row = activation::Find(name)) {
      named.push_back({.variant = variant, .row = row});
    }
  }
  return named;
}

std::vector<Chart> ActivationCharts(const std::vector<NamedActivation>& named,
                                    const std::vector<std::string>& variants) {
  const Json color = VariantColor(variants);
  return {{.id = "activation-chart",
           .title = "f(x)",
           .caption = "With default parameters.",
           .spec = Finish(Panel("f(x)", color), Rows(named, &activation::Evaluate),
                          "Curves of the activations")},
          {.id = "derivative-chart",
           .title = "f′(x)",
           .caption = "The slope that training passes back.",
           .spec = Finish(Panel("f′(x)", color), Rows(named, &activation::Derivative),
                          "Curves of the activations' derivatives")}};
}

}  // namespace actium::report
