#ifndef ACTIUM_TESTS_BENCH_ENGINES_MODEL_RUNNER_H_
#define ACTIUM_TESTS_BENCH_ENGINES_MODEL_RUNNER_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"

/// How a model on one of our engines is measured by a script: a line of JSON asks on stdin, a line
/// answers on stdout, as the runners of all peers do.
///
///   {"batch": 8, "runs": 20}                     -> {"seconds": [...], "device_seconds": [...]} of
///                                                   each run, on numbers that earlier inputs left
///   {"batch": 2, "input": FILE, "output": FILE}  -> {}: one run, files of row-major floats
namespace actium::bench {

/// The signature of a network of the benchmarks: "x" FP32 of this row, "y" FP32 [classes].
engine::Signature NetworkSignature(std::span<const int64_t> row, int64_t classes,
                                   int max_batch_size);

/// One stream of work of a model.
class ModelRunner {
 public:
  /// Errors: those of NewExecutor() and NewSlot().
  static absl::StatusOr<ModelRunner> Make(std::shared_ptr<engine::LoadedModel> model);

  /// Prints `hello`, then answers until stdin ends. Errors: the first run's that failed.
  absl::Status Serve(const nlohmann::json& hello);

 private:
  absl::StatusOr<nlohmann::json> Answer(const nlohmann::json& request);
  absl::StatusOr<nlohmann::json> RunOnce(const nlohmann::json& request, int batch,
                                         std::span<std::byte> input);

  std::shared_ptr<engine::LoadedModel> model_;
  std::unique_ptr<engine::Executor> executor_;
  std::unique_ptr<engine::BatchSlot> slot_;
};

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_ENGINES_MODEL_RUNNER_H_
