#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/progress.h"
#include "client/cli/readiness.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"
#include "client/cli/variant_run.h"

namespace actium::cli {
namespace {

// The models take turns, so that a slow moment of the machine hits all of them alike.
constexpr int kRounds = 10;

struct Options {
  std::string data = "/usr/share/datasets/fashion-mnist";
  int64_t images = 10000;
  int concurrency = 16;
  double wait_seconds = 60;
};

using Variants = std::vector<std::unique_ptr<VariantRun>>;

void Measure(const Variants& variants, int64_t images, int concurrency) {
  Progress progress("classifying", "images", images * std::ssize(variants));
  int64_t answered = 0;
  for (int64_t round = 0; round < kRounds; ++round) {
    const int64_t first = images * round / kRounds;
    const int64_t last = images * (round + 1) / kRounds;
    if (first == last) continue;
    for (size_t turn = 0; turn < variants.size(); ++turn) {
      // Another model begins each round.
      const size_t which = (turn + static_cast<size_t>(round)) % variants.size();
      variants[which]->Send(first, last, concurrency,
                            [&](int64_t answers) { progress.Update(answered + answers); });
      answered += last - first;
      progress.Update(answered);
    }
  }
}

double Milliseconds(const VariantRun& variant, double percent) {
  return static_cast<double>(variant.load().latency.Percentile(percent)) / 1e6;
}

void PrintTable(const Variants& variants) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"VARIANT"},
               {"ACCURACY", kRight},
               {"P50 MS", kRight},
               {"P99 MS", kRight},
               {"IMAGES/S", kRight},
               {"MEAN BATCH", kRight}});
  for (const auto& variant : variants) {
    table.AddRow({Printable(variant->model()), fmt::format("{:.2f} %", 100 * variant->accuracy()),
                  fmt::format("{:.2f}", Milliseconds(*variant, 50)),
                  fmt::format("{:.2f}", Milliseconds(*variant, 99)),
                  fmt::format("{:.0f}", variant->load().rate()),
                  variant->mean_batch() ? fmt::format("{:.2f}", *variant->mean_batch()) : ""});
  }
  fmt::print("{}", table.Render());
}

Json ToJson(const VariantRun& variant) {
  return {{"model", variant.model()},
          {"accuracy", variant.accuracy()},
          {"succeeded", variant.load().succeeded()},
          {"failed", variant.load().failures()},
          {"p50_ms", Milliseconds(variant, 50)},
          {"p99_ms", Milliseconds(variant, 99)},
          {"images_per_second", variant.load().rate()},
          {"mean_batch", variant.mean_batch() ? Json(*variant.mean_batch()) : Json(nullptr)}};
}

absl::Status Run(Session& session, const Options& options) {
  const auto images = ReadTestImages(options.data);
  if (!images.ok()) return images.status();
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  if (absl::Status ready = WaitUntilReady(**server, "", options.wait_seconds); !ready.ok()) {
    return ready;
  }
  const auto variants = FindVariants(**server, *images);
  if (!variants.ok()) return variants.status();
  const int64_t count = std::min(options.images, images->count);
  Measure(*variants, count, options.concurrency);

  if (session.json) {
    Json entries = Json::array();
    for (const auto& variant : *variants) entries.push_back(ToJson(*variant));
    PrintJson({{"images", count}, {"concurrency", options.concurrency}, {"variants", entries}});
  } else {
    fmt::print("{} test images to each model, one in a request, {} requests at any time:\n\n",
               count, options.concurrency);
    PrintTable(*variants);
  }
  for (const auto& variant : *variants) {
    const LoadResult& load = variant->load();
    if (load.failures() == 0) continue;
    return AfterResults(With(
        ExitStatus::kCheckFailed,
        absl::UnavailableError(fmt::format("model '{}': {} requests failed, the first: {}",
                                           variant->model(), load.failures(), load.first_error))));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDemo(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "demo", "Sends Fashion-MNIST's test images through every model that takes them.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--data", options->data,
                   "folder with t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz "
                   "[/usr/share/datasets/fashion-mnist]")
      ->type_name("DIR");
  command->add_option("--images", options->images, "the first so many, >= 1 [10000]")
      ->type_name("N")
      ->check(Within(int64_t{1}, int64_t{1} << 40));
  command->add_option("--concurrency", options->concurrency, "requests at any time, [1, 1000] [16]")
      ->type_name("N")
      ->check(Within(1, 1000));
  command->add_option("--wait", options->wait_seconds, "for the server, at most seconds [60]")
      ->type_name("S")
      ->check(Within(0.0, 86400.0));
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "The models take turns in ten rounds; latency is that of single requests under that load.\n"
      "Exit status 1: requests failed.\n\n"
      "Example: actium --local models/repository demo --images 1000");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
