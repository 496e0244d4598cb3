// Runs one model on Actium's engines for bench_engines.py; model_runner.h says how it is asked.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <vector>

#include "server/base/status_macros.h"
#include "server/cpu/cpu_model.h"
#include "server/engine/choose_engine.h"
#include "server/libtorch/loader.h"
#include "tests/bench/engines/model_runner.h"

namespace actium::bench {
namespace {

struct Options {
  std::filesystem::path model;
  std::vector<int64_t> row;  // Of the input "x".
  int64_t classes = 0;       // Of the output "y" [classes].
  int max_batch = 1;
};

absl::Status Serve(const Options& options) {
  const auto loader = engine::ChooseEngine(libtorch::NewLoader(), {.fuse = cpu::NewCpuModel});
  ACTIUM_ASSIGN_OR_RETURN(
      const auto model,
      loader->Load({.model = "bench",
                    .file = options.model,
                    .signature = NetworkSignature(options.row, options.classes, options.max_batch),
                    .target = {}}));
  ACTIUM_ASSIGN_OR_RETURN(ModelRunner runner, ModelRunner::Make(model));
  return runner.Serve({{"engine", model->engine()}, {"not_fused", model->facts().not_fused}});
}

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  actium::bench::Options options;
  CLI::App app("Runs a model for bench_engines.py: requests on stdin, answers on stdout, as JSON.");
  app.add_option("--model", options.model, "TorchScript file of one input and one output")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--row", options.row, "shape of a row of the input, as 3,224,224")
      ->required()
      ->delimiter(',');
  app.add_option("--classes", options.classes, "numbers of a row of the output")->required();
  app.add_option("--max-batch", options.max_batch, "most rows of a batch")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = actium::bench::Serve(options);
  if (!status.ok()) fmt::print(stderr, "engine-runner: {}\n", std::string(status.message()));
  return status.ok() ? 0 : 1;
}
