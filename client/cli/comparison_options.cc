#include "client/cli/comparison_options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "client/cli/commands.h"

namespace actium::cli {
namespace {

void AddDataOptions(CLI::App& command, ComparisonOptions& options) {
  auto* data =
      command
          .add_option(
              "--data", options.data,
              "PNG and JPEG pictures in a folder for each class, or in one without labels;\n"
              ".npz with images and labels; folder of IDX files as Fashion-MNIST's\n"
              "[/usr/share/datasets/fashion-mnist]")
          ->type_name("PATH");
  command
      .add_option("--data-set", options.data_set,
                  "data set that lies with the server, below its --comparison-data, instead")
      ->type_name("NAME")
      ->excludes(data);
  command.add_option("--images", options.images, "so many, spread evenly over the data [all]")
      ->type_name("N")
      ->check(Within(int64_t{1}, kMostExamples));
  const std::map<std::string, Scale> scales = {
      {"none", Scale::kNone}, {"unit", Scale::kUnit}, {"imagenet", Scale::kImageNet}};
  command
      .add_option("--scale", options.scale,
                  "samples as 0..255, 0..1 or by ImageNet's mean, as `actium predict` [none]")
      ->type_name("none|unit|imagenet")
      ->transform(CLI::CheckedTransformer(scales).description(""));
  command.add_option("--input", options.input, "input, if the models have several")
      ->type_name("NAME");
  command
      .add_option("--output", options.output, "output with a score for each class [the only one]")
      ->type_name("NAME");
  command.add_flag("--probabilities", options.probabilities,
                   "the scores are probabilities, not logits");
}

void AddAccuracyOptions(CLI::App& command, ComparisonOptions& options) {
  command.add_option("--baseline", options.baseline, "what the others are compared with [first]")
      ->type_name("MODEL");
  command.add_flag("--all-pairs", options.all_pairs, "compare every model with every other");
  command
      .add_option("--confidence", options.confidence,
                  "of all differences together, [0.5, 0.9999] [0.95]")
      ->type_name("C")
      ->check(Within(0.5, 0.9999));
  command
      .add_option("--margin", options.margin_points,
                  "percentage points that would not matter, (0, 100) [1]")
      ->type_name("P")
      ->check(Within(1e-6, 99.9));
  command.add_option("--top-k", options.top_k, "right if among the best so many, >= 1 [5]")
      ->type_name("K")
      ->check(Within(1, 1'000'000));
  command.add_flag("--no-accuracy", options.no_accuracy, "do not compare the answers");
  command.add_flag("--no-latency", options.no_latency, "do not compare the latency");
}

void AddSeedOptions(CLI::App& command, ComparisonOptions& options) {
  auto* seeds =
      command
          .add_option("--seeds", options.seeds,
                      "compare activations over training seeds, too: folder of predictions as\n"
                      "`actium-train predictions` writes it, models/predictions for those shipped")
          ->type_name("DIR");
  command
      .add_option("--split", options.split, "part of these predictions, test or validation [test]")
      ->type_name("NAME")
      ->needs(seeds);
}

void AddLatencyOptions(CLI::App& command, ComparisonOptions& options) {
  command
      .add_option("--batch-sizes", options.batch_sizes,
                  "rows of the batches to time, 16 different ones at most [1]")
      ->type_name("N,...")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(Within(1, 1'000'000));
  command
      .add_option("--concurrency", options.concurrencies,
                  "batches to send at once, [1, 64], 8 different ones at most [1]")
      ->type_name("N,...")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(Within(1, 64));
  command.add_option("--rounds", options.rounds, "interleaved rounds to time, [3, 1000] [20]")
      ->type_name("N")
      ->check(Within(3, 1000));
  command
      .add_option("--time-limit", options.time_limit_seconds,
                  "for all of the timing, seconds, (0, 3600] [60]")
      ->type_name("S")
      ->check(Within(0.001, 3600.0));
  command
      .add_option("--latency-margin", options.latency_margin_percent,
                  "percent that would not matter, (0, 100) [3]")
      ->type_name("P")
      ->check(Within(1e-6, 99.9));
}

void AddDecisionOptions(CLI::App& command, ComparisonOptions& options) {
  auto* select_on =
      command
          .add_option("--select-on", options.select_on,
                      "choose the most accurate model on this data, a path or a part of --data")
          ->type_name("PATH")
          ->excludes(command.get_option("--all-pairs"))
          ->excludes(command.get_option("--data-set"))
          ->excludes(command.get_option("--no-accuracy"));
  auto* report_on = command
                        .add_option("--report-on", options.report_on,
                                    "and compare it with the baseline on this, which is other data")
                        ->type_name("PATH")
                        ->needs(select_on);
  select_on->needs(report_on);
  command
      .add_option("--fail-if", options.fail_if,
                  "end with 1 if it surely holds, with 4 if that is undecided; repeatable")
      ->type_name("CONDITION")
      ->allow_extra_args(false);
}

}  // namespace

void AddComparisonOptions(CLI::App& command, ComparisonOptions& options) {
  command.add_option("MODEL", options.models,
                     "two or more models, NAME or NAME:VERSION [all that take the data unchanged]");
  AddDataOptions(command, options);
  AddAccuracyOptions(command, options);
  AddLatencyOptions(command, options);
  AddSeedOptions(command, options);
  AddDecisionOptions(command, options);
  command
      .add_option("--report", options.report, "write an HTML page that stands alone, with charts")
      ->type_name("FILE");
}

v1::AccuracySetup MakeAccuracySetup(const ComparisonOptions& options) {
  v1::AccuracySetup setup;
  for (const std::string& model : options.models) setup.add_variants(model);
  setup.set_baseline(options.baseline);
  setup.set_all_pairs(options.all_pairs);
  setup.set_confidence(options.confidence);
  setup.set_margin(options.margin_points / 100);
  setup.set_top_k(options.top_k);
  setup.set_data_set(options.data_set);
  if (!options.report.empty()) setup.set_most_disagreements(kGalleryExamples);
  setup.set_output(options.output);
  setup.set_scores(options.probabilities ? v1::SCORE_KIND_PROBABILITIES : v1::SCORE_KIND_LOGITS);
  return setup;
}

v1::CompareLatencyRequest MakeLatencyRequest(const ComparisonOptions& options) {
  v1::CompareLatencyRequest request;
  for (const std::string& model : options.models) request.add_variants(model);
  request.set_baseline(options.baseline);
  request.set_confidence(options.confidence);
  request.set_margin(options.latency_margin_percent / 100);
  request.set_rounds(options.rounds);
  for (const int size : options.batch_sizes) request.add_batch_sizes(size);
  for (const int count : options.concurrencies) request.add_concurrencies(count);
  const auto nanoseconds = static_cast<int64_t>(options.time_limit_seconds * 1e9);
  request.mutable_time_limit()->set_seconds(nanoseconds / 1'000'000'000);
  request.mutable_time_limit()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
  return request;
}

v1::SeedsSetup MakeSeedsSetup(const ComparisonOptions& options) {
  v1::SeedsSetup setup;
  setup.set_baseline(options.baseline.substr(0, options.baseline.rfind(':')));
  setup.set_all_pairs(options.all_pairs);
  setup.set_confidence(options.confidence);
  setup.set_margin(options.margin_points / 100);
  return setup;
}

}  // namespace actium::cli
