// Runs one model on Actium's engines for bench_engines.py, which talks to the runners of all peers
// in the same way: a line of JSON asks, a line answers.
//
//   {"batch": 8, "runs": 20}                     -> {"seconds": [...]}, of each run, on numbers
//                                                   that earlier inputs have left
//   {"batch": 2, "input": FILE, "output": FILE}  -> {}: one run, files of row-major floats
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/base/status_macros.h"
#include "server/cpu/cpu_model.h"
#include "server/engine/choose_engine.h"
#include "server/engine/run_batch.h"
#include "server/libtorch/loader.h"

namespace actium::bench {
namespace {

using Json = nlohmann::json;

struct Options {
  std::filesystem::path model;
  std::vector<int64_t> row;  // Of the input "x".
  int64_t classes = 0;       // Of the output "y" [classes].
  int max_batch = 1;
};

class Runner {
 public:
  static absl::StatusOr<Runner> Make(const Options& options) {
    Runner runner;
    const auto loader = engine::ChooseEngine(libtorch::NewLoader(), {.fuse = cpu::NewCpuModel});
    const engine::Signature signature = {
        .max_batch_size = options.max_batch,
        .inputs = {{.name = "x",
                    .dtype = tensor::DType::kFp32,
                    .shape = tensor::Shape(options.row.begin(), options.row.end())}},
        .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {options.classes}}}};
    ACTIUM_ASSIGN_OR_RETURN(
        runner.model_,
        loader->Load(
            {.model = "bench", .file = options.model, .signature = signature, .target = {}}));
    ACTIUM_ASSIGN_OR_RETURN(runner.executor_, runner.model_->NewExecutor({}, 1));
    ACTIUM_ASSIGN_OR_RETURN(runner.slot_, runner.executor_->NewSlot());
    return runner;
  }

  Json Hello() const {
    return {{"engine", model_->engine()}, {"not_fused", model_->facts().not_fused}};
  }

  absl::StatusOr<Json> Answer(const Json& request) {
    const int batch = request.at("batch");
    ACTIUM_ASSIGN_OR_RETURN(
        const auto inputs,
        slot_->Prepare(engine::BatchShapeOf(model_->signature(),
                                            engine::PlannedRows(model_->batch_sizes(), batch))));
    const std::span<std::byte> input = inputs[0].bytes;
    if (request.contains("input")) return RunOnce(request, batch, input);

    std::vector<double> seconds;
    for (int i = 0; i < request.at("runs"); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      ACTIUM_RETURN_IF_ERROR(engine::RunBatch(*executor_, *slot_));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      seconds.push_back(took.count());
    }
    return Json{{"seconds", seconds}};
  }

 private:
  absl::StatusOr<Json> RunOnce(const Json& request, int batch, std::span<std::byte> input) {
    std::ifstream from(request.at("input").get<std::string>(), std::ios::binary);
    from.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(input.size()));
    ACTIUM_RETURN_IF_ERROR(engine::RunBatch(*executor_, *slot_));
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

absl::Status Serve(const Options& options) {
  ACTIUM_ASSIGN_OR_RETURN(Runner runner, Runner::Make(options));
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
