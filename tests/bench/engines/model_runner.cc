#include "tests/bench/engines/model_runner.h"

#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/engine/run_batch.h"

namespace actium::bench {

using Json = nlohmann::json;
using Seconds = std::chrono::duration<double>;

engine::Signature NetworkSignature(std::span<const int64_t> row, int64_t classes,
                                   int max_batch_size) {
  return {.max_batch_size = max_batch_size,
          .inputs = {{.name = "x",
                      .dtype = tensor::DType::kFp32,
                      .shape = tensor::Shape(row.begin(), row.end())}},
          .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {classes}}}};
}

absl::StatusOr<ModelRunner> ModelRunner::Make(std::shared_ptr<engine::LoadedModel> model) {
  ModelRunner runner;
  runner.model_ = std::move(model);
  ACTIUM_ASSIGN_OR_RETURN(runner.executor_, runner.model_->NewExecutor(runner.model_->device(), 1));
  ACTIUM_ASSIGN_OR_RETURN(runner.slot_, runner.executor_->NewSlot());
  return runner;
}

absl::Status ModelRunner::Serve(const Json& hello) {
  std::cout << hello << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    ACTIUM_ASSIGN_OR_RETURN(const Json answer, Answer(Json::parse(line)));
    std::cout << answer << std::endl;
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> ModelRunner::Answer(const Json& request) {
  const int batch = request.at("batch");
  ACTIUM_ASSIGN_OR_RETURN(
      const auto inputs,
      slot_->Prepare(engine::BatchShapeOf(model_->signature(),
                                          engine::PlannedRows(model_->batch_sizes(), batch))));
  if (request.contains("input")) return RunOnce(request, batch, inputs[0].bytes);

  std::vector<double> seconds, device_seconds;
  for (int i = 0; i < request.at("runs"); ++i) {
    const auto begin = std::chrono::steady_clock::now();
    ACTIUM_ASSIGN_OR_RETURN(const engine::RunTimes times, engine::RunBatch(*executor_, *slot_));
    seconds.push_back(Seconds(std::chrono::steady_clock::now() - begin).count());
    device_seconds.push_back(Seconds(times.compute).count());
  }
  return Json{{"seconds", seconds}, {"device_seconds", device_seconds}};
}

absl::StatusOr<Json> ModelRunner::RunOnce(const Json& request, int batch,
                                          std::span<std::byte> input) {
  std::ifstream from(request.at("input").get<std::string>(), std::ios::binary);
  from.read(reinterpret_cast<char*>(input.data()), static_cast<std::streamsize>(input.size()));
  ACTIUM_RETURN_IF_ERROR(engine::RunBatch(*executor_, *slot_).status());
  const tensor::TensorView output = slot_->outputs()[0];
  const size_t rows = static_cast<size_t>(output.shape[0]);
  const size_t bytes = output.bytes.size() / rows * static_cast<size_t>(batch);
  std::ofstream to(request.at("output").get<std::string>(), std::ios::binary);
  to.write(reinterpret_cast<const char*>(output.bytes.data()), static_cast<std::streamsize>(bytes));
  if (!to.flush()) return absl::UnavailableError("the output cannot be written");
  return Json::object();
}

}  // namespace actium::bench
