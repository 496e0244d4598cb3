// Runs one graph on the CUDA engine for bench_models.py, through the plug-in and without LibTorch.
// It is asked and answers as engines/runner.cc, and tells the device's time beside its own:
//
//   {"batch": 8, "runs": 20}                     -> {"seconds": [...], "device_seconds": [...]}
//   {"batch": 2, "input": FILE, "output": FILE}  -> {}: one run, files of row-major floats
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/engine/cuda_plugin.h"
#include "server/graph/passes.h"
#include "tests/bench/gpu/graph_file.h"

namespace actium::bench {
namespace {

using Json = nlohmann::json;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::filesystem::path plugin, graph, weights;
  std::string precision = "fp32";
  int max_batch = 1;
  int device = 0;
  bool describe = false;
  bool no_tuning = false;
};

// Runs a batch and waits: engine::RunBatch() with the time on the device.
absl::StatusOr<Seconds> Run(engine::Executor& executor, engine::BatchSlot& slot) {
  struct {
    base::Mutex mutex;
    base::CondVar changed;
    bool done = false;
    absl::StatusOr<Seconds> result = absl::InternalError("");
  } run;
  executor.Start(slot, [&run](absl::Status status, engine::RunTimes times) {
    base::MutexLock lock(run.mutex);
    run.result = Seconds(times.compute);
    if (!status.ok()) run.result = std::move(status);
    run.done = true;
    run.changed.NotifyOne();
  });
  base::MutexLock lock(run.mutex);
  while (!run.done) run.changed.Wait(run.mutex);
  return std::move(run.result);
}

// Names as networks.export() gives them.
engine::Signature SignatureOf(const graph::Graph& graph, int max_batch) {
  const graph::Value& input = graph.value(graph.inputs()[0]);
  const graph::Value& output = graph.value(graph.outputs()[0]);
  return {.max_batch_size = max_batch,
          .inputs = {{.name = "x", .dtype = input.dtype, .shape = input.shape}},
          .outputs = {{.name = "y", .dtype = output.dtype, .shape = output.shape}}};
}

class Runner {
 public:
  static absl::StatusOr<Runner> Make(const Options& options, engine::Accelerator& gpus) {
    ACTIUM_ASSIGN_OR_RETURN(graph::Graph graph, ReadGraph(options.graph, options.weights));
    ACTIUM_ASSIGN_OR_RETURN(graph, graph::RunPasses(graph));
    const engine::Target target = {
        .device = {.kind = engine::Device::Kind::kCuda, .index = options.device},
        .precision = *engine::ParsePrecision(options.precision)};
    const engine::Signature signature = SignatureOf(graph, options.max_batch);
    Runner runner;
    ACTIUM_ASSIGN_OR_RETURN(runner.model_, gpus.Load(std::move(graph), signature, {}, target));
    ACTIUM_ASSIGN_OR_RETURN(runner.executor_, runner.model_->NewExecutor(target.device, 1));
    ACTIUM_ASSIGN_OR_RETURN(runner.slot_, runner.executor_->NewSlot());
    return runner;
  }

  Json Hello() const {
    return {{"engine", model_->engine()}, {"precision", model_->precision()}, {"not_fused", ""}};
  }

  absl::StatusOr<Json> Answer(const Json& request) {
    const int batch = request.at("batch");
    ACTIUM_ASSIGN_OR_RETURN(
        const auto inputs,
        slot_->Prepare(engine::BatchShapeOf(model_->signature(),
                                            engine::PlannedRows(model_->batch_sizes(), batch))));
    if (request.contains("input")) return RunOnce(request, batch, inputs[0].bytes);

    std::vector<double> seconds, device_seconds;
    for (int i = 0; i < request.at("runs"); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      ACTIUM_ASSIGN_OR_RETURN(const Seconds on_device, Run(*executor_, *slot_));
      seconds.push_back(Seconds(std::chrono::steady_clock::now() - begin).count());
      device_seconds.push_back(on_device.count());
    }
    return Json{{"seconds", seconds}, {"device_seconds", device_seconds}};
  }

 private:
  absl::StatusOr<Json> RunOnce(const Json& request, int batch, std::span<std::byte> input) {
    std::ifstream from(request.at("input").get<std::string>(), std::ios::binary);
    from.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(input.size()));
    ACTIUM_RETURN_IF_ERROR(Run(*executor_, *slot_).status());
    const tensor::TensorView output = slot_->outputs()[0];
    const size_t rows = static_cast<size_t>(output.shape[0]);
    const size_t bytes = output.bytes.size() / rows * static_cast<size_t>(batch);
    std::ofstream to(request.at("output").get<std::string>(), std::ios::binary);
    to.write(reinterpret_cast<const char*>(output.bytes.data()),
             static_cast<std::streamsize>(bytes));
    if (!to.flush()) return absl::UnavailableError("the output cannot be written");
    return Json::object();
  }

  std::shared_ptr<engine::LoadedModel> model_;
  std::unique_ptr<engine::Executor> executor_;
  std::unique_ptr<engine::BatchSlot> slot_;
};

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
  ACTIUM_ASSIGN_OR_RETURN(const auto gpus,
                          engine::OpenCudaPlugin(options.plugin, {.measure = !options.no_tuning}));
  if (options.describe) {
    std::cout << Describe(*gpus) << std::endl;
    return absl::OkStatus();
  }
  ACTIUM_ASSIGN_OR_RETURN(Runner runner, Runner::Make(options, *gpus));
  std::cout << runner.Hello() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    ACTIUM_ASSIGN_OR_RETURN(const Json answer, runner.Answer(Json::parse(line)));
    std::cout << answer << std::endl;
  }
  return absl::OkStatus();
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
