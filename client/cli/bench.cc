#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "client/cli/batch_counter.h"
#include "client/cli/bench_requests.h"
#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/load_generator.h"
#include "client/cli/progress.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::vector<int> concurrency = {1};
  std::vector<double> rates;  // Not empty: an open loop.
  double duration_seconds = 5;
  double warm_up_seconds = 1;
  int batch = 1;
  std::vector<std::string> shapes;
};

// One row of the table: a model under one load.
struct Measurement {
  std::string model;
  int concurrency = 0;  // 0: an open loop of `offered_rate`.
  double offered_rate = 0;
  LoadResult result;
  std::optional<double> mean_batch;
};

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

Send Sender(client::Client& server, const BenchRequests& requests) {
  return [&server, &requests](int64_t number, std::function<void(absl::Status)> done) {
    const size_t which = static_cast<size_t>(number) % requests.size();
    // Retries would hide what the server refuses.
    server.InferAsync(requests[which],
                      [done = std::move(done)](const auto& answer) { done(answer.status()); },
                      {.timeout = std::nullopt, .retry = false});
  };
}

Measurement Measure(client::Client& server, const Options& options, const std::string& model,
                    const BenchRequests& requests, int concurrency, double rate) {
  Measurement measurement{.model = model,
                          .concurrency = rate > 0 ? 0 : concurrency,
                          .offered_rate = rate,
                          .result = {},
                          .mean_batch = std::nullopt};
  const auto whole = Seconds(options.warm_up_seconds + options.duration_seconds);
  const auto start = std::chrono::steady_clock::now();
  Progress progress(model, "ms", std::max<int64_t>(1, whole / std::chrono::milliseconds(1)));
  const auto on_progress = [&](int64_t) {
    const auto passed =
        std::min<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start, whole);
    progress.Update(passed / std::chrono::milliseconds(1));
  };
  const auto before = ReadBatchCounter(server, model);
  const Send send = Sender(server, requests);
  if (rate > 0) {
    OpenLoop loop;
    loop.rate = rate;
    loop.warm_up = Seconds(options.warm_up_seconds);
    loop.duration = Seconds(options.duration_seconds);
    loop.on_progress = on_progress;
    measurement.result = RunOpenLoop(loop, send);
  } else {
    ClosedLoop loop;
    loop.concurrency = concurrency;
    loop.warm_up = Seconds(options.warm_up_seconds);
    loop.duration = Seconds(options.duration_seconds);
    loop.on_progress = on_progress;
    measurement.result = RunClosedLoop(loop, send);
  }
  measurement.mean_batch = MeanBatch(before, ReadBatchCounter(server, model));
  return measurement;
}

double Milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

void PrintTable(const std::vector<Measurement>& measurements, int batch) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"MODEL"},
               {"LOAD", kRight},
               {"REQUESTS/S", kRight},
               {"ROWS/S", kRight},
               {"P50 MS", kRight},
               {"P90 MS", kRight},
               {"P99 MS", kRight},
               {"P99.9 MS", kRight},
               {"MAX MS", kRight},
               {"FAILED", kRight},
               {"MEAN BATCH", kRight}});
  for (const Measurement& entry : measurements) {
    const auto& latency = entry.result.latency;
    const auto percentile = [&](double percent) {
      return fmt::format("{:.3f}", Milliseconds(latency.Percentile(percent)));
    };
    table.AddRow({Printable(entry.model),
                  entry.concurrency > 0 ? fmt::format("{} at once", entry.concurrency)
                                        : fmt::format("{:g}/s", entry.offered_rate),
                  fmt::format("{:.1f}", entry.result.rate()),
                  fmt::format("{:.1f}", entry.result.rate() * batch), percentile(50),
                  percentile(90), percentile(99), percentile(99.9),
                  fmt::format("{:.3f}", Milliseconds(latency.max())),
                  std::to_string(entry.result.failures()),
                  entry.mean_batch ? fmt::format("{:.2f}", *entry.mean_batch) : ""});
  }
  fmt::print("{}", table.Render());
}

Json ToJson(const Measurement& entry, const Options& options) {
  const auto& latency = entry.result.latency;
  Json json = {{"model", entry.model}};
  if (entry.concurrency > 0) {
    json["concurrency"] = entry.concurrency;
  } else {
    json["offered_rate"] = entry.offered_rate;
  }
  json["batch"] = options.batch;
  json["seconds"] = std::chrono::duration<double>(entry.result.elapsed).count();
  json["succeeded"] = entry.result.succeeded();
  json["failed"] = Json::object();
  for (const auto& [code, count] : entry.result.failed) {
    json["failed"][absl::StatusCodeToString(code)] = count;
  }
  json["requests_per_second"] = entry.result.rate();
  json["rows_per_second"] = entry.result.rate() * options.batch;
  json["latency_ms"] = {{"mean", latency.mean() / 1e6},
                        {"min", Milliseconds(latency.min())},
                        {"p50", Milliseconds(latency.Percentile(50))},
                        {"p90", Milliseconds(latency.Percentile(90))},
                        {"p99", Milliseconds(latency.Percentile(99))},
                        {"p99.9", Milliseconds(latency.Percentile(99.9))},
                        {"max", Milliseconds(latency.max())}};
  json["mean_batch"] = entry.mean_batch ? Json(*entry.mean_batch) : Json(nullptr);
  return json;
}

absl::StatusOr<std::vector<Measurement>> MeasureAll(client::Client& server,
                                                    const Options& options) {
  std::vector<GivenShape> shapes;
  for (const std::string& text : options.shapes) {
    auto shape = ParseGivenShape(text);
    if (!shape.ok()) return shape.status();
    shapes.push_back(*std::move(shape));
  }
  std::vector<Measurement> measurements;
  for (const std::string& model : options.models) {
    const auto requests = MakeBenchRequests(server, model, options.batch, shapes);
    if (!requests.ok()) return requests.status();
    for (const double rate : options.rates) {
      measurements.push_back(Measure(server, options, model, *requests, 0, rate));
    }
    if (!options.rates.empty()) continue;
    for (const int concurrency : options.concurrency) {
      measurements.push_back(Measure(server, options, model, *requests, concurrency, 0));
    }
  }
  return measurements;
}

absl::Status Run(Session& session, const Options& options) {
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  const auto measurements = MeasureAll(**server, options);
  if (!measurements.ok()) return measurements.status();
  if (session.json) {
    Json entries = Json::array();
    for (const Measurement& entry : *measurements) entries.push_back(ToJson(entry, options));
    PrintJson({{"measurements", entries}});
  } else {
    PrintTable(*measurements, options.batch);
  }
  for (const Measurement& entry : *measurements) {
    if (entry.result.failures() == 0) continue;
    return AfterResults(With(ExitStatus::kCheckFailed,
                             absl::UnavailableError(fmt::format(
                                 "model '{}': {} requests failed, the first: {}", entry.model,
                                 entry.result.failures(), entry.result.first_error))));
  }
  return absl::OkStatus();
}

}  // namespace

void AddBench(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "bench", "Measures latency and throughput with made-up inputs, one model after the other.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->models, "one or more models")->required();
  auto* concurrency =
      command
          ->add_option("--concurrency", options->concurrency,
                       "requests at any time, [1, 10000]; several: one run each [1]")
          ->type_name("N,...")
          ->allow_extra_args(false)
          ->delimiter(',')
          ->check(Within(1, 10000));
  command
      ->add_option("--rate", options->rates,
                   "requests per second, sent on time whatever is answered; several: one run each")
      ->type_name("R,...")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(Within(0.001, 1e6))
      ->excludes(concurrency);
  command->add_option("--duration", options->duration_seconds, "of each run, seconds [5]")
      ->type_name("S")
      ->check(Within(0.01, 86400.0));
  command->add_option("--warm-up", options->warm_up_seconds, "before it, not counted, seconds [1]")
      ->type_name("S")
      ->check(Within(0.0, 3600.0));
  command->add_option("--batch", options->batch, "rows of each request [1]")
      ->type_name("N")
      ->check(Within(1, 1 << 20));
  command->add_option("--shape", options->shapes, "row's shape of an input of any size")
      ->type_name("NAME:SIZE,...")
      ->allow_extra_args(false);
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "With --rate, latency counts from when a request was due, not from when it was sent.\n"
      "Requests are not retried. Exit status 1: requests failed.\n\n"
      "Example: actium bench relu mish --concurrency 1,16 --duration 10");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
