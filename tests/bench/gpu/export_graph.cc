// Imports a TorchScript file as the server does and writes it as a graph for actium-gpu-runner,
// which needs no LibTorch.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "server/base/status_macros.h"
#include "server/libtorch/loader.h"
#include "tests/bench/engines/model_runner.h"
#include "tests/bench/gpu/graph_file.h"

namespace actium::bench {
namespace {

struct Options {
  std::filesystem::path model, text, weights;
  std::vector<int64_t> row;  // Of the input "x".
  int64_t classes = 0;       // Of the output "y" [classes].
};

absl::Status Export(const Options& options) {
  ACTIUM_ASSIGN_OR_RETURN(
      const auto model,
      libtorch::NewLoader()->Load(
          {.model = "bench",
           .file = options.model,
           .signature = NetworkSignature(options.row, options.classes, /*max_batch_size=*/1),
           .target = {}}));
  ACTIUM_ASSIGN_OR_RETURN(const graph::Graph graph, model->ToGraph());
  return WriteGraph(graph, options.text, options.weights);
}

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  actium::bench::Options options;
  CLI::App app(
      "Writes a TorchScript file of one input and one output as a graph.\n\n"
      "Exit status: 0 written, 1 it cannot be imported, above 100 bad arguments.\n\n"
      "Example: actium-export-graph --model model.pt --row 3,224,224 --classes 1000 "
      "--graph model.txt --weights model.weights");
  app.add_option("--model", options.model, "TorchScript file")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--row", options.row, "shape of a row of the input, as 3,224,224")
      ->required()
      ->delimiter(',');
  app.add_option("--classes", options.classes, "numbers of a row of the output")->required();
  app.add_option("--graph", options.text, "file for the graph's text")->required();
  app.add_option("--weights", options.weights, "file for the constants' numbers")->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = actium::bench::Export(options);
  if (!status.ok()) fmt::print(stderr, "export-graph: {}\n", std::string(status.message()));
  return status.ok() ? 0 : 1;
}
