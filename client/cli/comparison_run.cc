#include "client/cli/comparison_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/cli/comparison_report.h"
#include "client/cli/progress.h"
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

// Opens the data and, where none are named, finds the models. Nothing, if only timings are asked
// for and the data that nobody named does not suit the models.
absl::StatusOr<std::optional<ComparisonData>> FindData(client::Client& server,
                                                       ComparisonOptions& options) {
  const bool named = !options.data.empty();
  const bool needed = named || options.models.empty() || !options.no_accuracy;
  const std::string path = named ? options.data : kDefaultData;
  auto source = OpenData(path, options);
  if (!source.ok() && !needed) return std::nullopt;
  if (!source.ok()) return source.status();
  if (options.models.empty()) {
    ACTIUM_ASSIGN_OR_RETURN(const Sample first, (*source)->Read(0));
    ACTIUM_ASSIGN_OR_RETURN(options.models, FindModelsFor(server, first));
  }
  auto data = PrepareData(server, path, *std::move(source), options.models.front(), options,
                          /*unchanged=*/!named);
  if (!data.ok() && !needed) return std::nullopt;
  if (!data.ok()) return data.status();
  return *std::move(data);
}

}  // namespace

absl::StatusOr<ComparisonResults> RunComparison(Session& session, ComparisonOptions options) {
  ACTIUM_ASSIGN_OR_RETURN(client::Client* const server, session.Connect());
  ComparisonResults results;
  ACTIUM_ASSIGN_OR_RETURN(results.data, FindData(*server, options));
  if (!session.json && results.data) fmt::print("{}\n\n", Describe(*results.data));
  if (!options.no_accuracy) {
    ACTIUM_ASSIGN_OR_RETURN(results.accuracy,
                            CompareAccuracy(*server, MakeAccuracySetup(options), *results.data));
    if (!session.json) PrintReport(*results.accuracy);
  }
  if (!session.json && !options.no_accuracy && !options.no_latency) fmt::print("\n");
  if (!options.no_latency) {
    ACTIUM_ASSIGN_OR_RETURN(results.latency, CompareLatency(*server, options, results.data));
    if (!session.json) PrintReport(*results.latency);
  }
  return results;
}

absl::StatusOr<Json> ResultsAsJson(const ComparisonResults& results) {
  Json json = Json::object();
  if (results.data) json["data"] = ToJson(*results.data);
  if (results.accuracy) {
    ACTIUM_ASSIGN_OR_RETURN(json["accuracy"], ReportAsJson(*results.accuracy));
  }
  if (results.latency) {
    ACTIUM_ASSIGN_OR_RETURN(json["latency"], ReportAsJson(*results.latency));
  }
  return json;
}

}  // namespace actium::cli
