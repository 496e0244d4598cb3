#include "server/libtorch/describe.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "ATen/core/Tensor.h"
#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/run_recorder.h"
#include "server/libtorch/threads.h"

namespace actium::libtorch {
namespace {

using engine::ModelDescription;
using engine::Step;

std::vector<std::string_view> Split(std::string_view site) {
  std::vector<std::string_view> calls;
  while (!site.empty()) {
    const size_t end = std::min(site.find('|'), site.size());
    calls.push_back(site.substr(0, end));
    site.remove_prefix(std::min(end + 1, site.size()));
  }
  return calls;
}

// The innermost line that is not of PyTorch's own modules: the model's author knows it.
std::string SourceOf(std::string_view call_site) {
  std::string_view source;
  for (const std::string_view call : Split(call_site)) {
    if (source.empty() || call.find("/torch/nn/") == std::string_view::npos) source = call;
  }
  return source == "?" ? "" : std::string(source);
}

// Puts the operator behind the module's name, "block1.conv2d", and tells equal names apart.
void NameSteps(std::vector<Step>& steps) {
  std::map<std::string, int> seen;
  for (Step& step : steps) {
    const size_t colon = step.kind.rfind(':');
    const std::string base = step.kind.substr(colon == std::string::npos ? 0 : colon + 1);
    step.name = step.name.empty() ? base : fmt::format("{}.{}", step.name, base);
    const int count = ++seen[step.name];
    if (count > 1) step.name += fmt::format("_{}", count);
  }
}

// Runs the program some times and returns the times of those runs that did what the record says.
absl::StatusOr<std::vector<engine::TimedRun>> TimeRuns(const Program& program,
                                                       const std::vector<at::Tensor>& arguments,
                                                       const engine::DescribeOptions& options,
                                                       const std::vector<Step>& steps) {
  const auto same_kind = [](const std::string& kind, const Step& step) {
    return kind == step.kind;
  };
  std::vector<engine::TimedRun> runs;
  ACTIUM_RETURN_IF_ERROR(engine::RepeatRuns(options, [&](bool counts) -> absl::Status {
    UseThreads(options.intra_op_threads);
    ACTIUM_ASSIGN_OR_RETURN(RunTiming timing, TimeRun(program, arguments));
    const bool same = std::ranges::equal(timing.kinds, steps, same_kind);
    if (counts && same) runs.push_back(std::move(timing.run));
    return absl::OkStatus();
  }));
  return runs;
}

void AddNotes(const ProgramFacts& facts, const RunRecord& record, ModelDescription& description) {
  auto& notes = description.notes;
  notes.emplace_back(
      "the reference engine runs LibTorch's operators one by one; freezing folds batch norms into "
      "convolutions, and nothing else is fused");
  if (!facts.not_frozen.empty()) {
    notes.push_back(
        fmt::format("the program could not be frozen, so nothing is folded: {}", facts.not_frozen));
  }
  for (const Step& step : record.steps) {
    if (step.kind == "aten::batch_norm") {
      notes.push_back(
          fmt::format("{} runs by itself: it follows no convolution whose weights are "
                      "constant",
                      step.name));
    }
  }
  if (record.cut_short) {
    notes.push_back(fmt::format("only the first {} steps are listed", kMostSteps));
  }
}

}  // namespace

absl::StatusOr<ModelDescription> DescribeProgram(const Program& program,
                                                 const std::vector<at::Tensor>& arguments,
                                                 const std::vector<std::string>& names,
                                                 const engine::DescribeOptions& options) {
  RunRecord record;
  ACTIUM_RETURN_IF_ERROR(options.run([&]() -> absl::Status {
    UseThreads(options.intra_op_threads);
    ACTIUM_ASSIGN_OR_RETURN(record, RecordRun(program, arguments, names));
    return absl::OkStatus();
  }));
  NameSteps(record.steps);
  for (size_t i = 0; i < record.steps.size(); ++i) {
    const std::string& site = record.call_sites[i];
    record.steps[i].source = SourceOf(site);
    if (program.facts().holds_batch_norm.contains(site)) {
      record.steps[i].fused.emplace_back("batch_norm");
    }
  }
  ModelDescription description;
  description.rows = options.rows;
  AddNotes(program.facts(), record, description);
  description.steps = std::move(record.steps);
  if (options.timed_runs == 0) return description;
  ACTIUM_ASSIGN_OR_RETURN(const auto runs,
                          TimeRuns(program, arguments, options, description.steps));
  engine::SetTimes(runs, description);
  if (description.timed_runs == 0) {
    description.notes.emplace_back(
        "what runs differs from run to run, so that steps have no times");
  }
  return description;
}

}  // namespace actium::libtorch
