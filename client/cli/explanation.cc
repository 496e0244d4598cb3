#include "client/cli/explanation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/cli/picture.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr int kBarColumns = 16;

using Steps = google::protobuf::RepeatedPtrField<v1::ExplainedStep>;

std::string Known(const std::string& text) { return text.empty() ? "not known" : Printable(text); }

// "12.3 k", with one of these letters for each factor of `base`.
std::string Scaled(double value, double base, std::string_view unit) {
  constexpr std::array<std::string_view, 5> kLetters = {"", "k", "M", "G", "T"};
  size_t letter = 0;
  while (value >= base && letter + 1 < kLetters.size()) {
    value /= base;
    ++letter;
  }
  return letter == 0 ? fmt::format("{:.0f} {}", value, unit)
                     : fmt::format("{:.1f} {}{}", value, kLetters[letter], unit);
}

std::string Bytes(int64_t bytes) { return Scaled(static_cast<double>(bytes), 1000, "B"); }

std::string OutputOf(const v1::ExplainedStep& step) {
  if (step.output_dtype().empty()) return "";
  return Printable(
      fmt::format("{} [{}]", step.output_dtype(), fmt::join(step.output_shape(), ",")));
}

std::string RenderFacts(const v1::ExplainModelResponse& model) {
  const bool on_cpu = model.device().empty() || model.device() == "cpu";
  std::string text =
      fmt::format("{} version {}: {} {}{}\n", Printable(model.model()), model.version(),
                  Printable(model.engine()), Printable(model.precision()),
                  on_cpu ? "" : fmt::format(" on {}", Printable(model.device())));
  text += fmt::format("file         SHA-256 {}\n", Known(model.sha256()));
  text += fmt::format("weights      SHA-256 {}\n", Known(model.weights_sha256()));
  text +=
      fmt::format("learned      {} parameters, {}; other weights {}\n", model.learned_parameters(),
                  Bytes(model.parameter_bytes()), Bytes(model.buffer_bytes()));
  const std::string activations = fmt::format("{}", fmt::join(model.activations(), ", "));
  return text + fmt::format("activations  {}\n",
                            activations.empty() ? "none recognised" : Printable(activations));
}

// How much of the time steps with an activation take, by the activation.
double ShareOfActivations(const Steps& steps) {
  double share = 0;
  for (const v1::ExplainedStep& step : steps) {
    if (!step.activation().empty()) share += step.share();
  }
  return std::min(share, 1.0);
}

std::string RenderTotal(const v1::ExplainModelResponse& model) {
  std::string text = model.batch_size() == 0
                         ? "one run"
                         : fmt::format("a batch of {} {}", model.batch_size(),
                                       model.batch_size() == 1 ? "row" : "rows");
  text += fmt::format(": {} steps", model.steps_size());
  if (model.has_arena_bytes()) {
    text += fmt::format(", {} of working memory", Bytes(model.arena_bytes()));
  }
  if (model.timed_runs() == 0) return text + ", not timed\n";
  return text + fmt::format(
                    ", {:.3f} ms (median of {} runs); steps with an activation take {:.1f} % of "
                    "it\n",
                    static_cast<double>(model.total_ns()) / 1e6, model.timed_runs(),
                    100 * ShareOfActivations(model.steps()));
}

void AddStep(const v1::ExplainedStep& step, double largest_share, bool timed, Table& table) {
  std::vector<std::string> cells = {
      Printable(step.name()),
      Printable(step.kind()),
      OutputOf(step),
      Printable(step.activation()),
      Printable(fmt::format("{}", fmt::join(step.fused(), ", "))),
      Printable(step.algorithm()),
      step.has_flops() ? Scaled(static_cast<double>(step.flops()), 1000, "") : "",
      step.has_bytes() ? Bytes(step.bytes()) : ""};
  if (timed) {
    const bool known = step.has_time_ns();
    cells.push_back(known ? fmt::format("{:.1f}", static_cast<double>(step.time_ns()) / 1e3) : "");
    cells.push_back(known ? fmt::format("{:.1f} %", 100 * step.share()) : "");
    cells.push_back(known ? RenderBar(step.share() / largest_share, kBarColumns) : "");
  }
  table.AddRow(std::move(cells));
}

std::string RenderSteps(const v1::ExplainModelResponse& model) {
  constexpr auto kRight = Table::Align::kRight;
  const bool timed = model.timed_runs() > 0;
  std::vector<Table::Column> columns = {{"STEP"},         {"KIND"},         {"OUTPUT"},
                                        {"ACTIVATION"},   {"FUSED"},        {"ALGORITHM"},
                                        {"FLOP", kRight}, {"BYTES", kRight}};
  if (timed) columns.insert(columns.end(), {{"TIME US", kRight}, {"SHARE", kRight}, {""}});
  Table table(std::move(columns));
  double largest_share = 1e-9;
  for (const auto& step : model.steps()) largest_share = std::max(largest_share, step.share());
  for (const auto& step : model.steps()) AddStep(step, largest_share, timed, table);
  return table.Render();
}

// Text of the server's inside a quoted string of Graphviz's language.
std::string Quoted(const std::string& text) {
  std::string quoted;
  for (const char c : Printable(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return '"' + quoted + '"';
}

std::string RenderNode(int place, const v1::ExplainedStep& step) {
  std::string label = step.name();
  if (!step.fused().empty()) label += fmt::format(" + {}", fmt::join(step.fused(), " + "));
  if (!step.activation().empty()) label += fmt::format(" ({})", step.activation());
  label += " " + OutputOf(step);
  if (step.has_time_ns()) label += fmt::format(" {:.1f} %", 100 * step.share());
  return fmt::format("  s{} [shape={}, label={}];\n", place,
                     step.activation().empty() ? "box" : "ellipse", Quoted(label));
}

// A graph's text below a line that says how many values are computed in it.
std::string RenderModelGraph(std::string_view title, const std::string& graph) {
  int computed = 0;
  std::string lines;
  std::istringstream text(graph);
  for (std::string line; std::getline(text, line);) {
    if (line.find(" = ") != std::string::npos) ++computed;
    lines += Printable(line) + "\n";
  }
  return fmt::format("# {} (steps: {})\n{}", title, computed, lines);
}

}  // namespace

std::string RenderExplanation(const v1::ExplainModelResponse& explanation) {
  std::string text =
      RenderFacts(explanation) + "\n" + RenderTotal(explanation) + RenderSteps(explanation);
  if (!explanation.notes().empty()) text += "\n";
  for (const std::string& note : explanation.notes()) {
    text += fmt::format("Note: {}\n", Printable(note));
  }
  return text;
}

std::string RenderStepGraph(const v1::ExplainModelResponse& explanation) {
  std::string nodes;
  std::string edges;
  for (int place = 0; place < explanation.steps_size(); ++place) {
    const v1::ExplainedStep& step = explanation.steps(place);
    nodes += RenderNode(place, step);
    for (const std::string& input : step.model_inputs()) {
      edges += fmt::format("  {} -> s{};\n", Quoted("input " + input), place);
    }
    for (const int input : step.inputs()) edges += fmt::format("  s{} -> s{};\n", input, place);
  }
  return fmt::format("digraph {} {{\n{}{}}}\n",
                     Quoted(fmt::format("{}:{}", explanation.model(), explanation.version())),
                     nodes, edges);
}

std::string RenderModelGraphs(const v1::ExplainModelResponse& explanation) {
  if (explanation.graph().empty()) {
    return fmt::format("{} runs op by op on {}: there is no graph.\n",
                       Printable(explanation.model()), Printable(explanation.engine()));
  }
  return RenderModelGraph("as imported", explanation.imported_graph()) + "\n" +
         RenderModelGraph("as it runs", explanation.graph());
}

}  // namespace actium::cli
