#include "server/cpu/cpu_model.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/cpu/prepared_graph.h"
#include "server/cpu/slot.h"
#include "server/cpu/threads.h"
#include "server/engine/describe_plan.h"
#include "server/engine/planned_model.h"
#include "server/engine/timed_runs.h"

namespace actium::cpu {
namespace {

using engine::ModelDescription;
using engine::Signature;
using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

// So that padding adds less than a quarter.
constexpr int kSizesPerDoubling = 4;

/// What all executors of a model share. Immutable.
struct Shared {
  Signature signature;
  engine::ModelFacts facts;
  std::vector<int> batch_sizes;
  std::shared_ptr<const SharedGraph> graph;
};

class CpuExecutor final : public engine::Executor {
 public:
  static absl::StatusOr<std::unique_ptr<CpuExecutor>> Make(std::shared_ptr<const Shared> shared,
                                                           int threads) {
    std::unique_ptr<CpuExecutor> executor(new CpuExecutor(std::move(shared), threads));
    size_t bytes = 0;
    for (const int rows : executor->shared_->batch_sizes) {
      ACTIUM_ASSIGN_OR_RETURN(PreparedGraph prepared,
                              PreparedGraph::Make(executor->shared_->graph, rows, threads));
      bytes = std::max(bytes, prepared.plan().arena_bytes);
      executor->prepared_.emplace(rows, std::move(prepared));
    }
    ACTIUM_RETURN_IF_ERROR(executor->arena_.Grow(bytes, "working memory"));
    return executor;
  }

  absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
    return std::make_unique<Slot>(shared_->signature);
  }

  int max_in_flight() const override { return 1; }

  void Start(engine::BatchSlot& slot, engine::Done done) override {
    const auto begin = Clock::now();
    absl::Status status = Run(static_cast<Slot&>(slot), {});
    done(std::move(status), {.compute = Clock::now() - begin});
  }

  /// times: see PreparedGraph::Run().
  absl::Status Run(Slot& slot, std::span<nanoseconds> times) {
    const auto prepared = prepared_.find(static_cast<int>(slot.rows()));
    if (prepared == prepared_.end()) {
      return absl::InternalError(fmt::format("there is no plan for {} rows", slot.rows()));
    }
    UseThreads(threads_);
    ACTIUM_RETURN_IF_ERROR(prepared->second.Run(slot, arena_.data(), times));
    slot.ShowOutputs();
    return absl::OkStatus();
  }

 private:
  CpuExecutor(std::shared_ptr<const Shared> shared, int threads)
      : shared_(std::move(shared)), threads_(threads) {}

  const std::shared_ptr<const Shared> shared_;
  const int threads_;
  std::map<int, PreparedGraph> prepared_;  // By rows.
  tensor::AlignedMemory arena_;            // Of the largest plan.
};

// A stream of work of its own, on zeros, for one description.
class Trial {
 public:
  Trial(std::shared_ptr<const Shared> shared, int rows, int threads)
      : shared_(std::move(shared)), rows_(rows), threads_(threads), slot_(shared_->signature) {}

  absl::Status Prepare() {
    ACTIUM_ASSIGN_OR_RETURN(PreparedGraph prepared,
                            PreparedGraph::Make(shared_->graph, rows_, threads_));
    prepared_.emplace(std::move(prepared));
    ACTIUM_RETURN_IF_ERROR(arena_.Grow(prepared_->plan().arena_bytes, "working memory"));
    ACTIUM_ASSIGN_OR_RETURN(const auto views,
                            slot_.Prepare(engine::BatchShapeOf(shared_->signature, rows_)));
    for (const tensor::MutableTensorView& view : views) {
      std::memset(view.bytes.data(), 0, view.bytes.size());
    }
    return absl::OkStatus();
  }

  std::vector<engine::Step> Steps() const {
    const auto& steps = prepared_->plan().steps;
    std::vector<std::string> algorithms;
    for (size_t i = 0; i < steps.size(); ++i) algorithms.push_back(prepared_->algorithm(i));
    return engine::DescribePlan(shared_->graph->graph, rows_, steps, algorithms,
                                shared_->signature.outputs);
  }

  int64_t arena_bytes() const { return static_cast<int64_t>(prepared_->plan().arena_bytes); }

  absl::Status TimeRun(std::vector<nanoseconds>& times) {
    UseThreads(threads_);
    return prepared_->Run(slot_, arena_.data(), times);
  }

 private:
  const std::shared_ptr<const Shared> shared_;
  const int rows_, threads_;
  Slot slot_;
  tensor::AlignedMemory arena_;
  std::optional<PreparedGraph> prepared_;
};

absl::StatusOr<std::vector<engine::TimedRun>> TimeRuns(Trial& trial, size_t steps,
                                                       const engine::DescribeOptions& options) {
  std::vector<engine::TimedRun> runs;
  const auto run_once = [&](bool counts) -> absl::Status {
    engine::TimedRun run = {.steps = std::vector<nanoseconds>(steps)};
    ACTIUM_RETURN_IF_ERROR(trial.TimeRun(run.steps));
    for (const nanoseconds time : run.steps) run.total += time;
    if (counts) runs.push_back(std::move(run));
    return absl::OkStatus();
  };
  ACTIUM_RETURN_IF_ERROR(engine::RepeatRuns(options, run_once));
  return runs;
}

class CpuModel final : public engine::LoadedModel {
 public:
  explicit CpuModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

  const Signature& signature() const override { return shared_->signature; }
  std::span<const int> batch_sizes() const override { return shared_->batch_sizes; }
  std::string engine() const override { return "cpu"; }
  std::string precision() const override { return "fp32"; }
  const engine::ModelFacts& facts() const override { return shared_->facts; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return shared_->graph->graph; }

  absl::StatusOr<ModelDescription> Describe(const engine::DescribeOptions& options) const override {
    // What runs for so many rows is the plan of the batch that they are padded to.
    ACTIUM_CHECK(options.rows >= 1 && options.rows <= shared_->signature.max_batch_size);
    const int padded = engine::PlannedRows(shared_->batch_sizes, options.rows);
    Trial trial(shared_, padded, options.intra_op_threads);
    ACTIUM_RETURN_IF_ERROR(trial.Prepare());
    ModelDescription description =
        engine::DescribePadded(shared_->graph->graph, options.rows, padded);
    description.steps = trial.Steps();
    description.arena_bytes = trial.arena_bytes();
    if (options.timed_runs == 0) return description;
    ACTIUM_ASSIGN_OR_RETURN(const auto runs, TimeRuns(trial, description.steps.size(), options));
    engine::SetTimes(runs, description);
    return description;
  }

  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device& device,
                                                                int intra_op_threads) override {
    if (device != engine::Device{}) {
      return absl::FailedPreconditionError("the cpu engine runs on the CPU only");
    }
    ACTIUM_CHECK(intra_op_threads >= 1);
    return CpuExecutor::Make(shared_, intra_op_threads);
  }

 private:
  const std::shared_ptr<const Shared> shared_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<engine::LoadedModel>> NewCpuModel(graph::Graph graph,
                                                                 Signature signature,
                                                                 engine::ModelFacts facts) {
  ACTIUM_RETURN_IF_ERROR(engine::CheckSignature(graph, signature));
  auto shared = std::make_shared<Shared>();
  shared->batch_sizes = engine::BatchSizesUpTo(signature.max_batch_size, kSizesPerDoubling);
  shared->signature = std::move(signature);
  shared->facts = std::move(facts);
  shared->graph = std::make_shared<const SharedGraph>(std::move(graph));
  return std::make_shared<CpuModel>(std::move(shared));
}

}  // namespace actium::cpu
