// Runs one graph on the CUDA engine for bench_models.py, through the plug-in and without LibTorch;
// engines/model_runner.h says how it is asked.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/base/status_macros.h"
#include "server/engine/cuda_plugin.h"
#include "server/graph/passes.h"
#include "tests/bench/engines/model_runner.h"
#include "tests/bench/gpu/graph_file.h"

namespace actium::bench {
namespace {

using Json = nlohmann::json;

struct Options {
  std::filesystem::path plugin, graph, weights, tuning_cache;
  std::string precision = "fp32";
  int max_batch = 1;
  int device = 0;
  bool describe = false;
  bool no_tuning = false;
};

// Names as networks.export() gives them.
engine::Signature SignatureOf(const graph::Graph& graph, int max_batch) {
  const graph::Value& input = graph.value(graph.inputs()[0]);
  const graph::Value& output = graph.value(graph.outputs()[0]);
  return {.max_batch_size = max_batch,
          .inputs = {{.name = "x", .dtype = input.dtype, .shape = input.shape}},
          .outputs = {{.name = "y", .dtype = output.dtype, .shape = output.shape}}};
}

absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const Options& options,
                                                          engine::Accelerator& gpus) {
  ACTIUM_ASSIGN_OR_RETURN(graph::Graph graph, ReadGraph(options.graph, options.weights));
  ACTIUM_ASSIGN_OR_RETURN(graph, graph::RunPasses(graph));
  const engine::Target target = {
      .device = {.kind = engine::Device::Kind::kCuda, .index = options.device},
      .precision = *engine::ParsePrecision(options.precision)};
  const engine::Signature signature = SignatureOf(graph, options.max_batch);
  return gpus.Load(std::move(graph), signature, {}, target);
}

Json Describe(const engine::Accelerator& gpus) {
  Json devices = Json::array();
  for (int i = 0; i < gpus.devices(); ++i) {
    const engine::DeviceFacts facts = gpus.facts(i);
    devices.push_back({{"name", facts.name},
                       {"memory_bytes", facts.memory_bytes},
                       {"compute_capability", facts.compute_capability}});
  }
  return devices;
}

absl::Status Serve(const Options& options) {
  const engine::TuningOptions tuning = {.measure = !options.no_tuning,
                                        .cache = options.tuning_cache};
  ACTIUM_ASSIGN_OR_RETURN(const auto gpus, engine::OpenCudaPlugin(options.plugin, tuning));
  if (options.describe) {
    std::cout << Describe(*gpus) << std::endl;
    return absl::OkStatus();
  }
  ACTIUM_ASSIGN_OR_RETURN(const auto model, Load(options, *gpus));
  ACTIUM_ASSIGN_OR_RETURN(ModelRunner runner, ModelRunner::Make(model));
  return runner.Serve(
      {{"engine", model->engine()}, {"precision", model->precision()}, {"not_fused", ""}});
}

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  actium::bench::Options options;
  CLI::App app(
      "Runs a graph of one input and one output on a GPU for bench_models.py: requests on stdin, "
      "answers on stdout, as JSON.\n\n"
      "Exit status: 0 all answered, 1 there is no GPU or a run failed, above 100 bad arguments.\n\n"
      "Example: actium-gpu-runner --plugin libactium_cuda.so --describe");
  app.add_option("--plugin", options.plugin, "the CUDA engine, libactium_cuda.so")->required();
  CLI::Option* const describe =
      app.add_flag("--describe", options.describe, "only print the devices");
  CLI::Option* const graph = app.add_option("--graph", options.graph,
                                            "text of the graph, as actium-export-graph writes it")
                                 ->excludes(describe);
  app.add_option("--weights", options.weights, "its constants' numbers [random ones]")
      ->needs(graph);
  app.add_option("--precision", options.precision, "arithmetic [fp32]")
      ->check(CLI::IsMember({"fp32", "tf32", "fp16", "bf16"}));
  app.add_option("--max-batch", options.max_batch, "most rows of a batch, 1 to 4096 [1]")
      ->check(CLI::Range(1, 4096));
  app.add_flag("--no-tuning", options.no_tuning,
               "take the kernels that should be fastest, unmeasured");
  app.add_option("--tuning-cache", options.tuning_cache,
                 "folder that keeps which kernels were fastest [none]");
  app.add_option("--device", options.device, "which GPU [0]")->check(CLI::Range(0, 63));
  CLI11_PARSE(app, argc, argv);
  if (!options.describe && options.graph.empty()) {
    fmt::print(stderr, "gpu-runner: one of --graph and --describe is required\n");
    return 106;
  }
  const absl::Status status = actium::bench::Serve(options);
  if (!status.ok()) fmt::print(stderr, "gpu-runner: {}\n", std::string(status.message()));
  return status.ok() ? 0 : 1;
}
