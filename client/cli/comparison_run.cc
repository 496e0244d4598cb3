#include "client/cli/comparison_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/cli/comparison_report.h"
#include "client/cli/progress.h"
#include "client/cli/seed_predictions.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

absl::StatusOr<v1::AccuracyReport> CompareAccuracy(client::Client& server,
                                                   const v1::AccuracySetup& setup,
                                                   ComparisonData& data) {
  Progress progress(data.source->labelled() ? "accuracy" : "answers", "examples",
                    data.source->count());
  ExampleStream stream = data.Stream();
  return server.CompareAccuracy(
      setup, [&] { return stream.Next(); },
      [&](const v1::ComparisonProgress& done) { progress.Update(done.examples()); });
}

// On a data set of the server's: nothing is sent.
absl::StatusOr<v1::AccuracyReport> CompareOnDataSet(client::Client& server,
                                                    const v1::AccuracySetup& setup) {
  Progress progress("accuracy", "examples", 0);
  return server.CompareAccuracy(
      setup, []() -> absl::StatusOr<std::optional<v1::LabelledExamples>> { return std::nullopt; },
      [&](const v1::ComparisonProgress& done) { progress.Update(done.examples()); });
}

absl::StatusOr<v1::LatencyReport> CompareLatency(client::Client& server,
                                                 const ComparisonOptions& options,
                                                 const std::optional<ComparisonData>& data) {
  // Enough different ones to time what the data is like.
  constexpr int64_t kRows = 64;
  v1::CompareLatencyRequest request = MakeLatencyRequest(options);
  if (data) {
    const int64_t least = std::ranges::max(options.batch_sizes);
    ACTIUM_ASSIGN_OR_RETURN(*request.mutable_inputs(),
                            TimingRows(*data->source, data->target, least, std::max(kRows, least)));
  }
  Progress progress("latency", "rounds", options.rounds);
  return server.CompareLatency(
      request, [&](const v1::LatencyProgress& done) { progress.Update(done.measured_rounds()); });
}

absl::StatusOr<v1::SeedsReport> CompareSeeds(client::Client& server,
                                             const ComparisonOptions& options,
                                             const SeedData& data) {
  v1::SeedsSetup setup = MakeSeedsSetup(options);
  setup.mutable_labels()->Add(data.labels.begin(), data.labels.end());
  return server.CompareSeeds(setup, data.checkpoints);
}

// What conditions call the variant that is chosen.
constexpr char kChosen[] = "chosen";

std::string BaselineOf(const ComparisonOptions& options) {
  return options.baseline.empty() ? options.models.front() : options.baseline;
}

bool Selects(const ComparisonOptions& options) { return !options.select_on.empty(); }

absl::Status CheckMeasured(const Condition& condition, const ComparisonOptions& options) {
  const bool latency = IsLatency(condition.metric);
  if (!(latency ? options.no_latency : options.no_accuracy)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("--fail-if {} needs what {} leaves out",
                                                base::Quote(condition.text),
                                                latency ? "--no-latency" : "--no-accuracy"));
}

// Reads the conditions; options.models is not empty.
absl::StatusOr<std::vector<Condition>> ParseConditions(ComparisonOptions& options) {
  ConditionScope scope{.variants = options.models, .baseline = BaselineOf(options)};
  if (Selects(options)) scope.variants = {kChosen, scope.baseline};
  std::vector<Condition> conditions;
  for (const std::string& text : options.fail_if) {
    ACTIUM_ASSIGN_OR_RETURN(conditions.emplace_back(), ParseCondition(text, scope));
    ACTIUM_RETURN_IF_ERROR(CheckMeasured(conditions.back(), options));
    if (NeedsAllPairs(conditions.back(), scope.baseline)) options.all_pairs = true;
  }
  return conditions;
}

// Refuses what data without labels cannot decide.
absl::Status CheckLabels(const std::vector<Condition>& conditions, const ComparisonData& data) {
  if (data.source->labelled()) return absl::OkStatus();
  for (const Condition& condition : conditions) {
    if (IsLatency(condition.metric) || condition.metric == Metric::kAgreement) continue;
    return absl::InvalidArgumentError(
        fmt::format("--fail-if {} needs labels, {} has none; agreement needs none",
                    base::Quote(condition.text), data.part.path));
  }
  return absl::OkStatus();
}

// A comparison whose arguments are checked, on its way through the parts of it that were asked for.
class Run {
 public:
  Run(Session& session, ComparisonOptions options)
      : session_(session), options_(std::move(options)) {}

  absl::StatusOr<ComparisonResults> Do() {
    if (options_.no_accuracy && options_.no_latency && options_.seeds.empty()) {
      return absl::InvalidArgumentError(
          "--no-accuracy and --no-latency leave nothing to compare but --seeds");
    }
    if (options_.no_accuracy && options_.no_latency && !options_.fail_if.empty()) {
      return absl::InvalidArgumentError(
          "--fail-if needs what --no-accuracy and --no-latency leave out");
    }
    if (!options_.data_set.empty() && options_.models.empty()) {
      return absl::InvalidArgumentError("--data-set needs the models to be named");
    }
    // Before a server is asked, where the models are named.
    if (!options_.models.empty()) {
      ACTIUM_ASSIGN_OR_RETURN(conditions_, ParseConditions(options_));
    }
    ACTIUM_ASSIGN_OR_RETURN(server_, session_.Connect());
    const bool measures = !options_.no_accuracy || !options_.no_latency;
    if (measures && options_.data_set.empty()) ACTIUM_RETURN_IF_ERROR(Prepare());
    // Read before anything is measured, so that a wrong file costs no time.
    if (!options_.seeds.empty()) {
      ACTIUM_ASSIGN_OR_RETURN(seeds_,
                              ReadSeedPredictions(options_.seeds, options_.split, options_.models));
    }
    if (results_.selection) ACTIUM_RETURN_IF_ERROR(Select());
    if (!session_.json && results_.data) fmt::print("{}\n\n", Describe(*results_.data));
    ACTIUM_RETURN_IF_ERROR(Measure());
    DecideConditions();
    return std::move(results_);
  }

 private:
  // Finds the data and, where none are named, the models.
  absl::Status Prepare() {
    DataPart part{.path = options_.data.empty() ? kDefaultData : options_.data,
                  .split = "",
                  .named = !options_.data.empty()};
    DataPart select;
    if (Selects(options_)) {
      ACTIUM_ASSIGN_OR_RETURN(select, FindPart(options_.data, options_.select_on));
      ACTIUM_ASSIGN_OR_RETURN(part, FindPart(options_.data, options_.report_on));
      if (AreSame(select, part)) {
        return absl::InvalidArgumentError(fmt::format(
            "--report-on must be other data than --select-on, both are {}", options_.report_on));
      }
    }
    if (options_.models.empty()) ACTIUM_RETURN_IF_ERROR(FindModels(part));
    if (Selects(options_)) {
      auto data = PrepareData(*server_, select, BaselineOf(options_), options_);
      if (!data.ok()) return data.status();
      results_.selection = Selection{.data = *std::move(data), .accuracy = {}, .choice = {}};
    }
    auto data = PrepareData(*server_, part, BaselineOf(options_), options_);
    // Timings need no data: what nobody named need not suit the models, nor be there.
    if (!data.ok() && options_.no_accuracy && !part.named) return absl::OkStatus();
    if (!data.ok()) return data.status();
    results_.data = *std::move(data);
    return CheckLabels(conditions_, *results_.data);
  }

  absl::Status FindModels(const DataPart& part) {
    ACTIUM_ASSIGN_OR_RETURN(const auto source, OpenPart(part, options_.input, options_));
    ACTIUM_ASSIGN_OR_RETURN(const Sample first, source->Read(0));
    ACTIUM_ASSIGN_OR_RETURN(options_.models, FindModelsFor(*server_, first));
    ACTIUM_ASSIGN_OR_RETURN(conditions_, ParseConditions(options_));
    return absl::OkStatus();
  }

  // Leaves two variants in the options, and their names in the conditions.
  absl::Status Select() {
    Selection& selection = *results_.selection;
    ACTIUM_ASSIGN_OR_RETURN(selection.accuracy,
                            CompareAccuracy(*server_, MakeAccuracySetup(options_), selection.data));
    ACTIUM_ASSIGN_OR_RETURN(selection.choice, Choose(selection.accuracy));
    options_.baseline = selection.accuracy.baseline();
    options_.models = {options_.baseline, selection.choice.chosen};
    for (Condition& condition : conditions_) {
      if (condition.variant == kChosen) condition.variant = selection.choice.chosen;
      if (condition.other == kChosen) condition.other = selection.choice.chosen;
    }
    if (session_.json) return absl::OkStatus();
    fmt::print("{}\n{}\n", Describe(selection.data),
               Describe(selection.choice, selection.accuracy));
    return absl::OkStatus();
  }

  absl::Status Measure() {
    if (!options_.no_accuracy) {
      const v1::AccuracySetup setup = MakeAccuracySetup(options_);
      ACTIUM_ASSIGN_OR_RETURN(results_.accuracy,
                              results_.data ? CompareAccuracy(*server_, setup, *results_.data)
                                            : CompareOnDataSet(*server_, setup));
      Show(*results_.accuracy);
    }
    if (!options_.no_latency) {
      ACTIUM_ASSIGN_OR_RETURN(results_.latency, CompareLatency(*server_, options_, results_.data));
      Show(*results_.latency);
    }
    if (!options_.seeds.empty()) {
      ACTIUM_ASSIGN_OR_RETURN(results_.seeds, CompareSeeds(*server_, options_, seeds_));
      Show(*results_.seeds);
    }
    return absl::OkStatus();
  }

  template <class Report>
  void Show(const Report& report) {
    if (session_.json) return;
    if (shown_) fmt::print("\n");
    PrintReport(report);
    shown_ = true;
  }

  void DecideConditions() {
    if (!session_.json && !conditions_.empty()) fmt::print("\n");
    for (const Condition& condition : conditions_) {
      results_.verdicts.push_back(Decide(condition,
                                         results_.accuracy ? &*results_.accuracy : nullptr,
                                         results_.latency ? &*results_.latency : nullptr));
      if (!session_.json) fmt::print("--fail-if {}.\n", Describe(results_.verdicts.back()));
    }
  }

  Session& session_;
  ComparisonOptions options_;
  client::Client* server_ = nullptr;
  std::vector<Condition> conditions_;
  SeedData seeds_;
  bool shown_ = false;  // Whether a report was printed.
  ComparisonResults results_;
};

absl::StatusOr<Json> ToJson(const Selection& selection) {
  Json json = {{"data", ToJson(selection.data)},
               {"accuracy", nullptr},
               {"chosen", selection.choice.chosen},
               {"baseline_is_best", selection.choice.baseline_is_best},
               {"equals", selection.choice.equals}};
  ACTIUM_ASSIGN_OR_RETURN(json["accuracy"], ReportAsJson(selection.accuracy));
  return json;
}

}  // namespace

absl::StatusOr<ComparisonResults> RunComparison(Session& session, ComparisonOptions options) {
  return Run(session, std::move(options)).Do();
}

absl::StatusOr<Json> ResultsAsJson(const ComparisonResults& results) {
  Json json = Json::object();
  if (results.selection) {
    ACTIUM_ASSIGN_OR_RETURN(json["selection"], ToJson(*results.selection));
  }
  if (results.data) json["data"] = ToJson(*results.data);
  if (results.accuracy) {
    ACTIUM_ASSIGN_OR_RETURN(json["accuracy"], ReportAsJson(*results.accuracy));
  }
  if (results.latency) {
    ACTIUM_ASSIGN_OR_RETURN(json["latency"], ReportAsJson(*results.latency));
  }
  if (results.seeds) {
    ACTIUM_ASSIGN_OR_RETURN(json["seeds"], ReportAsJson(*results.seeds));
  }
  if (!results.verdicts.empty()) json["fail_if"] = Json::array();
  for (const Verdict& verdict : results.verdicts) json["fail_if"].push_back(ToJson(verdict));
  return json;
}

}  // namespace actium::cli
