#include <fmt/format.h>

#include <set>

#include "client/report/html.h"
#include "client/report/sections.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

std::string FactTable(const RunFacts& facts) {
  HtmlTable table("", {{"of this run"}, {""}});
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) table.AddRow({name, value});
  };
  add("Date", facts.date);
  add("Command line", facts.command_line);
  for (const auto& [name, value] : facts.more) add(name, value);
  add("Written by", facts.program);
  return table.empty() ? "" : table.Render();
}

// Answered: VariantAccuracy or LatencyCell, which say alike which version answered.
template <class Answered>
void AddVersions(const Answered& answered, std::set<std::string>& known, HtmlTable& table) {
  for (const auto& own : answered) {
    if (!known.insert(own.variant() + '\n' + own.sha256()).second) continue;
    table.AddRow({own.variant(),
                  own.model(),
                  std::to_string(own.version()),
                  own.engine(),
                  own.precision(),
                  {own.sha256(), "hash"}});
  }
}

std::string VersionTable(const Inputs& inputs) {
  HtmlTable table("What answered", {{"variant"},
                                    {"model"},
                                    {"version", HtmlTable::Align::kNumber},
                                    {"engine"},
                                    {"precision"},
                                    {"SHA-256 of the model file"}});
  std::set<std::string> known;
  if (inputs.accuracy != nullptr) AddVersions(inputs.accuracy->variants(), known, table);
  if (inputs.latency != nullptr) AddVersions(inputs.latency->cells(), known, table);
  return table.empty() ? "" : table.Render();
}

std::string SeedList(const v1::SeedVariant& variant) {
  std::string list;
  for (const uint64_t seed : variant.seeds()) {
    list += (list.empty() ? "" : ", ") + std::to_string(seed);
  }
  return list;
}

std::string SettingTable(const Inputs& inputs) {
  HtmlTable table("Settings", {{"of"}, {""}});
  if (const auto* report = inputs.accuracy) {
    table.AddRow(
        {"Accuracy", fmt::format("{} examples, {} classes, baseline {}, confidence {:g}, "
                                 "margin {:g} percentage points, top {}",
                                 report->examples(), report->classes(), report->baseline(),
                                 report->confidence(), 100 * report->margin(), report->top_k())});
  }
  if (const auto* report = inputs.latency) {
    table.AddRow(
        {"Latency", fmt::format("{} rounds after {} to warm up, baseline {}, confidence "
                                "{:g}, margin {:g} %",
                                report->rounds(), report->warm_up_rounds(), report->baseline(),
                                report->confidence(), 100 * report->margin())});
  }
  if (const auto* report = inputs.seeds) {
    for (const v1::SeedVariant& variant : report->variants()) {
      table.AddRow({"Seeds of " + variant.variant(), SeedList(variant)});
    }
  }
  return table.empty() ? "" : table.Render();
}

std::string Meaning(const std::string& word, const std::string& meaning) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", Escape(word), Escape(meaning));
}

std::string Words() {
  return "<h3>What the words mean</h3>\n<dl>\n" +
         Meaning("equivalent", "The interval of all contrasts together lies within the margin.") +
         Meaning("better, worse, faster, slower", "That interval excludes no difference.") +
         Meaning(
             "undecided",
             "Neither: it holds both no difference and one that would matter. The tables say "
             "how many examples, rounds or seeds would decide with a probability of 0.8 if what "
             "was observed is the truth.") +
         Meaning("all together",
                 "Widened so that all contrasts hold with the confidence at once.") +
         Meaning("NLL, Brier, ECE, MCE",
                 "Mean negative log likelihood, Brier score, expected and maximum calibration "
                 "error; less is better.") +
         "</dl>\n";
}

}  // namespace

Section RunSection(const Inputs& inputs) {
  return {.id = "run",
          .title = "The run",
          .html = FactTable(inputs.facts) + VersionTable(inputs) + SettingTable(inputs) + Words()};
}

}  // namespace actium::report
