#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/comparison_report.h"
#include "client/cli/exit_status.h"
#include "client/cli/progress.h"
#include "client/cli/terminal.h"
#include "client/cli/test_images.h"
#include "client/cli/variant_run.h"

namespace actium::cli {
namespace {

// Images in one message: many enough that messages cost nothing, few enough that progress moves.
constexpr int64_t kImagesInMessage = 256;

struct Options {
  std::vector<std::string> models;
  std::string data = "/usr/share/datasets/fashion-mnist";
  int64_t images = 10000;
  std::string baseline;
  bool all_pairs = false;
  double confidence = 0.95;
  double margin_points = 1.0;
  int top_k = 0;
  bool no_latency = false;
  bool no_accuracy = false;
  std::vector<int> batch_sizes = {1};
  int rounds = 20;
  double time_limit_seconds = 60;
  double latency_margin_percent = 3;
};

v1::AccuracySetup MakeSetup(const Options& options) {
  v1::AccuracySetup setup;
  for (const std::string& model : options.models) setup.add_variants(model);
  setup.set_baseline(options.baseline);
  setup.set_all_pairs(options.all_pairs);
  setup.set_confidence(options.confidence);
  setup.set_margin(options.margin_points / 100);
  setup.set_top_k(options.top_k);
  return setup;
}

v1::CompareLatencyRequest MakeLatencyRequest(const Options& options) {
  v1::CompareLatencyRequest request;
  for (const std::string& model : options.models) request.add_variants(model);
  request.set_baseline(options.baseline);
  request.set_confidence(options.confidence);
  request.set_margin(options.latency_margin_percent / 100);
  request.set_rounds(options.rounds);
  for (const int size : options.batch_sizes) request.add_batch_sizes(size);
  const auto nanoseconds = static_cast<int64_t>(options.time_limit_seconds * 1e9);
  request.mutable_time_limit()->set_seconds(nanoseconds / 1'000'000'000);
  request.mutable_time_limit()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
  return request;
}

// The name of the input that takes the images.
absl::StatusOr<std::string> FindImageInput(client::Client& server, const std::string& variant,
                                           const TestImages& images) {
  const size_t colon = variant.rfind(':');
  const std::string model = variant.substr(0, colon);
  const std::string version = colon == std::string::npos ? "" : variant.substr(colon + 1);
  const auto metadata = server.ModelMetadata(model, version);
  if (!metadata.ok()) return Annotate(metadata.status(), fmt::format("model '{}'", variant));
  if (TakesImages(*metadata, images)) return metadata->inputs(0).name();
  return absl::InvalidArgumentError(
      fmt::format("model '{}' does not take the data's images: one input of UINT8 [1, {}, {}]",
                  variant, images.height, images.width));
}

// Hands the images out, some in a message.
client::ExampleSource ExamplesOf(const TestImages& images, int64_t count, std::string input) {
  return [&images, count, input = std::move(input),
          next = int64_t{0}]() mutable -> std::optional<v1::LabelledExamples> {
    if (next == count) return std::nullopt;
    const int64_t first = next;
    next = std::min(count, first + kImagesInMessage);
    v1::LabelledExamples examples;
    auto& tensor = *examples.mutable_inputs()->add_inputs();
    tensor.set_name(input);
    tensor.set_datatype("UINT8");
    for (const int64_t size : {next - first, int64_t{1}, images.height, images.width}) {
      tensor.add_shape(size);
    }
    std::string& pixels = *examples.mutable_inputs()->add_raw_input_contents();
    for (int64_t i = first; i < next; ++i) {
      pixels += images.image(i);
      examples.add_labels(images.classes[static_cast<size_t>(i)]);
    }
    return examples;
  };
}

absl::StatusOr<v1::AccuracyReport> CompareAccuracy(client::Client& server, const Options& options,
                                                   const TestImages& images) {
  const auto input = FindImageInput(server, options.models.front(), images);
  if (!input.ok()) return input.status();
  const int64_t count = std::min(options.images, images.count);
  Progress progress("accuracy", "images", count);
  return server.CompareAccuracy(
      MakeSetup(options), ExamplesOf(images, count, *input),
      [&](const v1::ComparisonProgress& done) { progress.Update(done.examples()); });
}

absl::StatusOr<v1::LatencyReport> CompareLatency(client::Client& server, const Options& options) {
  Progress progress("latency", "rounds", options.rounds);
  return server.CompareLatency(MakeLatencyRequest(options), [&](const v1::LatencyProgress& done) {
    progress.Update(done.measured_rounds());
  });
}

absl::Status FindModels(client::Client& server, const TestImages& images, Options& options) {
  const auto variants = FindVariants(server, images);
  if (!variants.ok()) return variants.status();
  for (const auto& variant : *variants) options.models.push_back(variant->model());
  return absl::OkStatus();
}

absl::Status Run(Session& session, Options options) {
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  absl::StatusOr<TestImages> images = TestImages{};
  // Given models, timings alone need no images.
  const bool find_models = options.models.empty();
  if (find_models || !options.no_accuracy) images = ReadTestImages(options.data);
  if (!images.ok()) return images.status();
  absl::Status status;
  if (find_models) status = FindModels(**server, *images, options);
  if (!status.ok()) return status;
  Json json = Json::object();
  // One after the other, as the server does one at a time; each is shown as soon as it is there.
  const auto show = [&](const char* name, const auto& report) -> absl::Status {
    if (!report.ok()) return report.status();
    if (!session.json) {
      PrintReport(*report);
      return absl::OkStatus();
    }
    auto own = ReportAsJson(*report);
    if (own.ok()) json[name] = *std::move(own);
    return own.status();
  };
  if (!options.no_accuracy) status = show("accuracy", CompareAccuracy(**server, options, *images));
  if (!options.no_accuracy && !options.no_latency && !session.json) fmt::print("\n");
  if (status.ok() && !options.no_latency)
    status = show("latency", CompareLatency(**server, options));
  if (status.ok() && session.json) PrintJson(json);
  return status;
}

}  // namespace

void AddCompare(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "compare",
      "Compares models on labelled images and in interleaved timings, and says which differences\n"
      "are real.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->models,
                      "two or more models, NAME or NAME:VERSION [all that take the images]");
  command
      ->add_option("--data", options->data,
                   "folder with t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz "
                   "[/usr/share/datasets/fashion-mnist]")
      ->type_name("DIR");
  command->add_option("--images", options->images, "the first so many, >= 1 [10000]")
      ->type_name("N")
      ->check(Within(int64_t{1}, int64_t{4'000'000}));
  command->add_option("--baseline", options->baseline, "what the others are compared with [first]")
      ->type_name("MODEL");
  command->add_flag("--all-pairs", options->all_pairs, "compare every model with every other");
  command
      ->add_option("--confidence", options->confidence,
                   "of all differences together, [0.5, 0.9999] [0.95]")
      ->type_name("C")
      ->check(Within(0.5, 0.9999));
  command
      ->add_option("--margin", options->margin_points,
                   "percentage points that would not matter, (0, 100) [1]")
      ->type_name("P")
      ->check(Within(1e-6, 99.9));
  command->add_option("--top-k", options->top_k, "right if among the best so many, >= 1 [5]")
      ->type_name("K")
      ->check(Within(1, 1'000'000));
  auto* no_accuracy =
      command->add_flag("--no-accuracy", options->no_accuracy, "compare only the latency");
  command->add_flag("--no-latency", options->no_latency, "compare only the accuracy")
      ->excludes(no_accuracy);
  command
      ->add_option("--batch-sizes", options->batch_sizes,
                   "rows of the batches to time, 16 different ones at most [1]")
      ->type_name("N,...")
      ->delimiter(',')
      ->check(Within(1, 1'000'000));
  command->add_option("--rounds", options->rounds, "interleaved rounds to time, [3, 1000] [20]")
      ->type_name("N")
      ->check(Within(3, 1000));
  command
      ->add_option("--time-limit", options->time_limit_seconds,
                   "for all of the timing, seconds, (0, 3600] [60]")
      ->type_name("S")
      ->check(Within(0.001, 3600.0));
  command
      ->add_option("--latency-margin", options->latency_margin_percent,
                   "percent that would not matter, (0, 100) [3]")
      ->type_name("P")
      ->check(Within(1e-6, 99.9));
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "Timings are of made-up inputs, inside the server, behind all serving requests.\n"
      "--json prints {\"accuracy\": AccuracyReport, \"latency\": LatencyReport} as\n"
      "proto/actium/v1/comparison.proto documents them.\n\n"
      "Example: actium --local models/repository compare relu swish mish --baseline relu");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
