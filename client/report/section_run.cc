#include <fmt/format.h>

#include "client/report/html.h"
#include "client/report/sections.h"

namespace actium::report {
namespace {

std::string FactTable(const RunFacts& facts) {
  HtmlTable table("", {{"fact"}, {"value"}});
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.AddRow({name, value});
  };
  add("Date", facts.date);
  add("Command line", facts.command_line);
  add("Written by", facts.program);
  for (const auto& [name, value] : facts.more) add(name, value);
  return table.empty() ? "" : table.Render();
}

}  // namespace

Section RunSection(const Inputs& inputs) {
  return {.id = "run", .title = "The run", .html = FactTable(inputs.facts)};
}

}  // namespace actium::report
