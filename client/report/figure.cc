#include "client/report/figure.h"

#include <fmt/format.h>

#include "client/report/html.h"

namespace actium::report {
namespace {

std::string RenderChart(const Chart& chart) {
  return fmt::format(
      "<figure id=\"{}\" class=\"{}\" data-chart>\n<h3>{}</h3>\n<div class=\"chart\"></div>\n"
      "<figcaption>{}</figcaption>\n<script type=\"application/json\">{}</script>\n</figure>\n",
      Escape(chart.id), chart.wide ? "wide" : "half", Escape(chart.title), Escape(chart.caption),
      ScriptJson(chart.spec));
}

}  // namespace

std::string RenderCharts(const std::vector<Chart>& charts) {
  if (charts.empty()) return "";
  std::string html = "<div class=\"charts\">\n";
  for (const Chart& chart : charts) html += RenderChart(chart);
  return html + "</div>\n";
}

}  // namespace actium::report
