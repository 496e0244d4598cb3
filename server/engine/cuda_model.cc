#include "server/engine/cuda_model.h"

#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/engine/describe_plan.h"
#include "server/engine/planned_model.h"
#include "server/engine/timed_runs.h"
#include "server/graph/plan.h"
#include "server/graph/text.h"

namespace actium::engine {
namespace {

using std::chrono::nanoseconds;

// So that padding adds less than a half; each costs a CUDA graph in every slot.
constexpr int kSizesPerDoubling = 2;

// Batches of one executor that are in flight at once: one computes, the other is copied.
constexpr int kMaxInFlight = 2;

/// A model of the plug-in, and what all its executors share. Immutable.
struct Shared {
  Shared(const ActiumCudaTable& from, graph::Graph with, Signature declared, ModelFacts known,
         const Target& at)
      : table(from),
        graph(std::move(with)),
        signature(std::move(declared)),
        facts(std::move(known)),
        target(at),
        batch_sizes(BatchSizesUpTo(signature.max_batch_size, kSizesPerDoubling)) {}
  ~Shared() {
    if (model != nullptr) table.delete_model(model);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  const ActiumCudaTable& table;
  const graph::Graph graph;
  const Signature signature;
  const ModelFacts facts;
  const Target target;
  const std::vector<int> batch_sizes;
  ActiumCudaModel* model = nullptr;
};

class CudaSlot final : public BatchSlot {
 public:
  CudaSlot(std::shared_ptr<const Shared> shared, ActiumCudaSlot* slot)
      : shared_(std::move(shared)), slot_(slot), inputs_(shared_->signature.inputs.size()) {
    outputs_.reserve(shared_->signature.outputs.size());
  }
  ~CudaSlot() override { shared_->table.delete_slot(slot_); }

  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const BatchShape& actual) override {
    outputs_.clear();
    rows_ = 0;
    const Signature& signature = shared_->signature;
    ACTIUM_RETURN_IF_ERROR(CheckBatchShape(signature, actual));
    for (size_t i = 0; i < inputs_.size(); ++i) {
      void* const memory = shared_->table.input_memory(slot_, static_cast<int32_t>(i));
      const auto bytes = tensor::ByteCount(signature.inputs[i].dtype, actual[i]);
      inputs_[i] = {.dtype = signature.inputs[i].dtype,
                    .shape = actual[i],
                    .bytes = {static_cast<std::byte*>(memory), static_cast<size_t>(*bytes)},
                    .kind = tensor::MemoryKind::kPinned};
    }
    rows_ = static_cast<int>(actual[0][0]);
    return std::span<const tensor::MutableTensorView>(inputs_);
  }

  std::span<const tensor::TensorView> outputs() const override { return outputs_; }

  void Start(ActiumCudaStream* stream, Done done) {
    done_ = std::move(done);
    shared_->table.start(stream, slot_, rows_, Finished, this);
  }

 private:
  static void Finished(void* context, const ActiumCudaError* error, int64_t taken) {
    auto& slot = *static_cast<CudaSlot*>(context);
    if (error == nullptr) slot.ShowOutputs();
    // Not a member any more when it is called: the slot may be started again, or gone, before it
    // returns.
    Done done = std::move(slot.done_);
    done(error == nullptr ? absl::OkStatus() : ToStatus(*error), {.compute = nanoseconds(taken)});
  }

  void ShowOutputs() {
    outputs_.clear();
    const Signature& signature = shared_->signature;
    for (size_t i = 0; i < signature.outputs.size(); ++i) {
      const void* const memory = shared_->table.output_memory(slot_, static_cast<int32_t>(i));
      outputs_.push_back(
          ViewOf(signature.outputs[i], rows_, static_cast<const std::byte*>(memory)));
    }
  }

  const std::shared_ptr<const Shared> shared_;
  ActiumCudaSlot* const slot_;
  int rows_ = 0;
  std::vector<tensor::MutableTensorView> inputs_;
  std::vector<tensor::TensorView> outputs_;
  Done done_;
};

class CudaExecutor final : public Executor {
 public:
  CudaExecutor(std::shared_ptr<const Shared> shared, ActiumCudaStream* stream)
      : shared_(std::move(shared)), stream_(stream) {}
  ~CudaExecutor() override { shared_->table.delete_stream(stream_); }

  absl::StatusOr<std::unique_ptr<BatchSlot>> NewSlot() override {
    ActiumCudaError error;
    ActiumCudaSlot* const slot = shared_->table.new_slot(stream_, &error);
    if (slot == nullptr) return ToStatus(error);
    return std::make_unique<CudaSlot>(shared_, slot);
  }

  int max_in_flight() const override { return kMaxInFlight; }

  void Start(BatchSlot& slot, Done done) override {
    static_cast<CudaSlot&>(slot).Start(stream_, std::move(done));
  }

 private:
  const std::shared_ptr<const Shared> shared_;
  ActiumCudaStream* const stream_;
};

class CudaModel final : public LoadedModel {
 public:
  explicit CudaModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

  const Signature& signature() const override { return shared_->signature; }
  std::span<const int> batch_sizes() const override { return shared_->batch_sizes; }
  std::string engine() const override { return "cuda"; }
  std::string precision() const override { return std::string(Name(shared_->target.precision)); }
  Device device() const override { return shared_->target.device; }
  const ModelFacts& facts() const override { return shared_->facts; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return shared_->graph; }

  absl::StatusOr<ModelDescription> Describe(const DescribeOptions& options) const override {
    // What runs for so many rows is the plan of the batch that they are padded to.
    const int padded = PlannedRows(shared_->batch_sizes, options.rows);
    ACTIUM_ASSIGN_OR_RETURN(const std::vector<ActiumCudaStep> steps, Steps(padded, false));
    ModelDescription description = DescribePadded(shared_->graph, options.rows, padded);
    description.steps = DescribeSteps(padded, steps);
    description.arena_bytes = shared_->table.arena_bytes(shared_->model, padded);
    if (options.timed_runs == 0) return description;
    ACTIUM_ASSIGN_OR_RETURN(const auto runs, TimeRuns(padded, options));
    SetTimes(runs, description);
    return description;
  }

  absl::StatusOr<std::unique_ptr<Executor>> NewExecutor(const Device& device, int) override {
    if (device != shared_->target.device) {
      return absl::FailedPreconditionError(
          fmt::format("the model is loaded for {}", Name(shared_->target.device)));
    }
    ActiumCudaError error;
    ActiumCudaStream* const stream = shared_->table.new_stream(shared_->model, &error);
    if (stream == nullptr) return ToStatus(error);
    return std::make_unique<CudaExecutor>(shared_, stream);
  }

 private:
  absl::StatusOr<std::vector<ActiumCudaStep>> Steps(int rows, bool timed) const {
    // A step for each node, and for each input and output.
    std::vector<ActiumCudaStep> steps(shared_->graph.nodes().size() +
                                      shared_->graph.inputs().size() +
                                      shared_->graph.outputs().size());
    ActiumCudaError error;
    const int64_t count = shared_->table.describe_steps(shared_->model, rows, timed ? 1 : 0,
                                                        steps.data(), std::ssize(steps), &error);
    if (count < 0) return ToStatus(error);
    ACTIUM_CHECK(count <= std::ssize(steps));
    steps.resize(static_cast<size_t>(count));
    return steps;
  }

  std::vector<Step> DescribeSteps(int rows, const std::vector<ActiumCudaStep>& steps) const {
    std::vector<graph::PlanStep> planned;
    std::vector<std::string> algorithms;
    for (const ActiumCudaStep& step : steps) {
      planned.push_back({.kind = static_cast<graph::PlanStep::Kind>(step.kind),
                         .index = step.index,
                         .scratch = 0});
      algorithms.emplace_back(step.algorithm);
    }
    return DescribePlan(shared_->graph, rows, planned, algorithms, shared_->signature.outputs);
  }

  absl::StatusOr<std::vector<TimedRun>> TimeRuns(int rows, const DescribeOptions& options) const {
    std::vector<TimedRun> runs;
    const auto run_once = [&](bool counts) -> absl::Status {
      ACTIUM_ASSIGN_OR_RETURN(const std::vector<ActiumCudaStep> steps, Steps(rows, true));
      TimedRun run;
      for (const ActiumCudaStep& step : steps) {
        run.steps.emplace_back(step.nanoseconds);
        run.total += nanoseconds(step.nanoseconds);
      }
      if (counts) runs.push_back(std::move(run));
      return absl::OkStatus();
    };
    ACTIUM_RETURN_IF_ERROR(RepeatRuns(options, run_once));
    return runs;
  }

  const std::shared_ptr<const Shared> shared_;
};

int32_t ToPlugin(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return kActiumCudaFp32;
    case Precision::kTf32:
      return kActiumCudaTf32;
    case Precision::kFp16:
      return kActiumCudaFp16;
    case Precision::kBf16:
      return kActiumCudaBf16;
  }
  return kActiumCudaFp32;
}

}  // namespace

absl::Status ToStatus(const ActiumCudaError& error) {
  return absl::Status(static_cast<absl::StatusCode>(error.code), error.message);
}

absl::StatusOr<std::shared_ptr<LoadedModel>> NewCudaModel(
    const ActiumCudaTable& table, graph::Graph graph, const Signature& signature,
    const ModelFacts& facts, const Target& target, const TuningOptions& tuning) {
  ACTIUM_RETURN_IF_ERROR(CheckSignature(graph, signature));
  const auto shared = std::make_shared<Shared>(table, std::move(graph), signature, facts, target);
  const std::string text = graph::ToText(shared->graph, graph::ConstantStyle::kShapes);
  std::vector<ActiumCudaConstant> constants;
  for (const graph::Value& value : shared->graph.values()) {
    if (value.constant == nullptr) continue;
    constants.push_back({value.constant->data(), std::ssize(*value.constant)});
  }
  const std::string cache = tuning.cache.string();
  const ActiumCudaModelSpec spec = {.device = target.device.index,
                                    .precision = ToPlugin(target.precision),
                                    .graph = text.c_str(),
                                    .constants = constants.data(),
                                    .constant_count = std::ssize(constants),
                                    .batch_sizes = shared->batch_sizes.data(),
                                    .batch_size_count = std::ssize(shared->batch_sizes),
                                    .tune = tuning.measure ? 1 : 0,
                                    .tuning_cache = cache.empty() ? nullptr : cache.c_str()};
  ActiumCudaError error;
  shared->model = table.new_model(&spec, &error);
  if (shared->model == nullptr) return ToStatus(error);
  return std::make_shared<CudaModel>(shared);
}

}  // namespace actium::engine
