#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/plot.h"
#include "client/cli/table.h"
#include "server/activation/table.h"

namespace actium::cli {
namespace {

using activation::Row;

struct Options {
  std::string name;
  double from = -5;
  double to = 5;
};

std::string RangeText(const activation::Range& range) {
  return fmt::format("{}{:.4g}, {:.4g}{}", range.lower_attained ? '[' : '(', range.lower,
                     range.upper, range.upper_attained ? ']' : ')');
}

std::string SmoothnessText(activation::Smoothness smoothness) {
  switch (smoothness) {
    case activation::Smoothness::kKinked:
      return "kinked";
    case activation::Smoothness::kOnce:
      return "once";
    case activation::Smoothness::kInfinitely:
      return "infinitely";
  }
  return "";
}

// JSON has no infinity.
Json Number(double value) {
  if (std::isfinite(value)) return value;
  return value > 0 ? "infinity" : "-infinity";
}

Json ToJson(const Row& row) {
  Json parameters = Json::array();
  for (const activation::Parameter& parameter : row.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"default", parameter.default_value},
                          {"lowest", Number(parameter.lowest)},
                          {"highest", Number(parameter.highest)},
                          {"learned", parameter.learned},
                          {"meaning", parameter.meaning}});
  }
  Json json = {{"name", row.name}, {"title", row.title}};
  json["aliases"] = std::vector<std::string>(row.aliases.begin(), row.aliases.end());
  json["formula"] = row.formula;
  json["derivative"] = row.derivative;
  json["parameters"] = std::move(parameters);
  json["range"] = {{"lower", Number(row.range.lower)},
                   {"upper", Number(row.range.upper)},
                   {"lower_attained", row.range.lower_attained},
                   {"upper_attained", row.range.upper_attained}};
  json["smoothness"] = SmoothnessText(row.smoothness);
  json["monotone"] = row.monotone();
  json["pytorch"] = row.names.pytorch;
  json["onnx"] = row.names.onnx;
  json["onnx_opset"] = row.names.onnx_opset;
  json["keras"] = row.names.keras;
  json["reference"] = row.reference;
  return json;
}

void PrintList() {
  Table table({{"NAME"}, {"FORMULA"}, {"RANGE"}, {"SMOOTH"}, {"PYTORCH"}});
  for (const Row& row : activation::Table()) {
    table.AddRow({std::string(row.name), std::string(row.formula), RangeText(row.range),
                  SmoothnessText(row.smoothness), std::string(row.names.pytorch)});
  }
  fmt::print("{}", table.Render());
}

void PrintField(std::string_view name, std::string_view text) {
  if (!text.empty()) fmt::print("  {:<12} {}\n", name, text);
}

void PrintOne(const Row& row, const Options& options) {
  fmt::print("{} ({})\n\n", row.title, row.name);
  PrintField("f(x)", row.formula);
  PrintField("f'(x)", row.derivative);
  for (const activation::Parameter& parameter : row.parameters) {
    PrintField("parameter",
               fmt::format("{} = {:g}{}, in [{:g}, {:g}]: {}", parameter.name,
                           parameter.default_value, parameter.learned ? " at first, learned" : "",
                           parameter.lowest, parameter.highest, parameter.meaning));
  }
  PrintField("range", RangeText(row.range));
  PrintField("smooth", SmoothnessText(row.smoothness));
  if (row.minimum) {
    PrintField("minimum", fmt::format("{:.5f} at x = {:.5f}", row.minimum->value, row.minimum->at));
  }
  PrintField("aliases", fmt::format("{}", fmt::join(row.aliases, ", ")));
  PrintField("PyTorch", row.names.pytorch);
  PrintField("ONNX", row.names.onnx);
  PrintField("Keras", row.names.keras);
  PrintField("trap", row.names.trap);
  PrintField("paper", row.reference);
  const std::vector<Curve> curves = {
      {"f(x)", [&row](double x) { return activation::Evaluate(row.id, {}, x); }},
      {"f'(x)", [&row](double x) { return activation::Derivative(row.id, {}, x); }}};
  constexpr int kLabelColumns = 10;
  const int columns = std::clamp(TerminalColumns(1) - kLabelColumns, 20, 72);
  fmt::print("\n{}", RenderPlot(curves, {.from = options.from,
                                         .to = options.to,
                                         .columns = columns,
                                         .rows = 18,
                                         .colors = StdoutColorMode()}));
}

absl::Status Run(const Session& session, const Options& options) {
  if (options.name.empty()) {
    if (session.json) {
      Json rows = Json::array();
      for (const Row& row : activation::Table()) rows.push_back(ToJson(row));
      PrintJson({{"activations", rows}});
    } else {
      PrintList();
    }
    return absl::OkStatus();
  }
  const Row* row = activation::Find(options.name);
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const Row& known : activation::Table()) names.push_back(known.name);
    return absl::InvalidArgumentError(
        fmt::format("no activation '{}'; there are {}", options.name, fmt::join(names, ", ")));
  }
  if (!(options.from < options.to)) {
    return absl::InvalidArgumentError(
        fmt::format("--from must be less than --to, got {:g} and {:g}", options.from, options.to));
  }
  if (session.json) {
    PrintJson(ToJson(*row));
  } else {
    PrintOne(*row, options);
  }
  return absl::OkStatus();
}

}  // namespace

void AddActivations(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "activations", "Lists activation functions, or describes one and plots f and f'.");
  auto options = std::make_shared<Options>();
  command->add_option("NAME", options->name, "name or alias, as LeakyReLU [all]");
  const auto add_end = [command](const char* name, double& end, const char* text) {
    command->add_option(name, end, text)->type_name("X")->check(Within(-1000.0, 1000.0));
  };
  add_end("--from", options->from, "left end of the plot, [-1000, 1000] [-5]");
  add_end("--to", options->to, "right end of the plot, [-1000, 1000] [5]");
  AddSharedOptions(*command, session, /*server=*/false);
  command->footer("Example: actium activations mish --from -4 --to 4");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
