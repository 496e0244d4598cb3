#ifndef ACTIUM_SERVER_ENGINE_EXECUTOR_H_
#define ACTIUM_SERVER_ENGINE_EXECUTOR_H_

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/description.h"
#include "server/engine/target.h"
#include "server/graph/graph.h"
#include "server/tensor/tensor_view.h"

/// The interfaces that every back end implements (LibTorch, the CPU engine, CUDA) and that the
/// batcher drives. The order of use:
///
///   loader.Load() -> LoadedModel            once per model version
///   model.NewExecutor() -> Executor         once per instance, at load
///   executor.NewSlot() -> BatchSlot         max_in_flight() per executor, at load
///   slot.Prepare(shapes), fill, executor.Start(slot, done), read slot.outputs()    per batch
namespace actium::engine {

/// What a model takes and gives.
struct Signature {
  /// 0: shapes are whole and there is no batching. >= 1: every tensor has a leading batch dimension
  /// that the specs leave out, and a batch has at most so many rows.
  int max_batch_size = 0;
  std::vector<tensor::TensorSpec> inputs;   ///< >= 1, in the order of the model's arguments.
  std::vector<tensor::TensorSpec> outputs;  ///< >= 1, in the order of the model's results.
};

/// True if no input has a dimension of any size, the batch dimension left aside.
inline bool HasFixedInputShapes(const Signature& signature) {
  return std::all_of(signature.inputs.begin(), signature.inputs.end(), [](const auto& input) {
    return std::find(input.shape.begin(), input.shape.end(), tensor::kAnySize) == input.shape.end();
  });
}

/// Shapes of all inputs of one batch in the signature's order, the batch dimension included.
using BatchShape = std::vector<tensor::Shape>;

/// Returns the shapes of a batch of so many rows, of a signature without dimensions of any size;
/// without a batch dimension `rows` does not count.
inline BatchShape BatchShapeOf(const Signature& signature, int rows) {
  BatchShape shapes;
  for (const tensor::TensorSpec& input : signature.inputs) {
    tensor::Shape& shape = shapes.emplace_back(input.shape);
    if (signature.max_batch_size > 0) shape.insert(shape.begin(), rows);
  }
  return shapes;
}

/// Returns the rows that a batch of `rows` rows is run with: the smallest of the planned sizes
/// (LoadedModel::batch_sizes()) that holds them; `rows` itself if there are no plans or none is
/// large enough.
inline int PlannedRows(std::span<const int> planned_sizes, int rows) {
  const auto planned = std::lower_bound(planned_sizes.begin(), planned_sizes.end(), rows);
  return planned == planned_sizes.end() ? rows : *planned;
}

/// What one run took; for a GPU the time on the device.
struct RunTimes {
  std::chrono::nanoseconds compute{0};
};

/// Called exactly once for each Start().
using Done = absl::AnyInvocable<void(absl::Status, RunTimes)>;

/// The memory of one batch. Lent to the executor from Start() until Done is called; otherwise used
/// by one thread at a time.
class BatchSlot {
 public:
  virtual ~BatchSlot() = default;

  /// Returns where to put the inputs of a batch of these shapes, in the signature's order. The
  /// views live until the next Prepare(). Grows the slot where needed; allocates nothing for shapes
  /// that fit into what it has.
  ///
  /// Errors: RESOURCE_EXHAUSTED if the slot would exceed its byte limit.
  virtual absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const BatchShape& actual) = 0;

  /// Returns the results of the last successful run, in the signature's order, with the shapes of
  /// that run. The views live until the next Prepare().
  virtual std::span<const tensor::TensorView> outputs() const = 0;
};

/// One stream of work on one device; used by one worker at a time.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Makes the memory for one batch in flight. Errors: RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<std::unique_ptr<BatchSlot>> NewSlot() = 0;

  /// Batches that may be between Start() and Done at once, >= 1. 1 on the CPU; more on a GPU, so
  /// that copies overlap compute.
  virtual int max_in_flight() const = 0;

  /// Runs the model on a slot that NewSlot() of this executor made and that is prepared and filled.
  ///
  /// done: called once per Start(), in the order of the Starts, on this thread before Start()
  /// returns or later on a driver's thread; so it only hands over, takes no lock that a caller of
  /// Start() holds, and does not call back into the executor. An error leaves the executor usable.
  virtual void Start(BatchSlot& slot, Done done) = 0;
};

/// One version of a model, ready to run on one device. Thread-safe. Its executors share its
/// weights and keep it alive.
class LoadedModel {
 public:
  virtual ~LoadedModel() = default;

  virtual const Signature& signature() const = 0;

  /// Batch sizes that have a plan, ascending, the last one max_batch_size: a batch is padded with
  /// zeros to the next of them, and all are run once before the model is READY. Empty: any size up
  /// to max_batch_size runs as it is.
  virtual std::span<const int> batch_sizes() const = 0;

  /// Which engine this is, as "libtorch"; and its arithmetic, as "fp32".
  virtual std::string engine() const = 0;
  virtual std::string precision() const = 0;

  /// Where its executors run.
  virtual Device device() const { return {}; }

  /// What is known without running the model.
  virtual const ModelFacts& facts() const = 0;

  /// Returns the model as a graph, its inputs and outputs in the signature's order, so that another
  /// engine can run it.
  ///
  /// Errors: UNIMPLEMENTED names what of the model a graph cannot express; RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<graph::Graph> ToGraph() const {
    return absl::UnimplementedError("this engine gives no graph");
  }

  /// Runs the model on zeros, a few times more than options.timed_runs says, and returns what ran.
  /// Executors go on meanwhile; a model with a state keeps it.
  ///
  /// Errors: those of options.run, INTERNAL, RESOURCE_EXHAUSTED; UNIMPLEMENTED by a model that
  /// cannot be described.
  virtual absl::StatusOr<ModelDescription> Describe(const DescribeOptions& options) const = 0;

  /// Makes one stream of work.
  ///
  /// intra_op_threads: threads that one run may use, >= 1.
  /// Errors: FAILED_PRECONDITION for a device this model was not loaded for, RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<std::unique_ptr<Executor>> NewExecutor(const Device& device,
                                                                int intra_op_threads) = 0;
};

/// What a loader needs to know of a model version.
struct LoadSpec {
  std::string model;           ///< Name, for messages.
  std::filesystem::path file;  ///< The model file.
  Signature signature;         ///< What the configuration declares.
  Target target;               ///< Engines that know one device only load for that.
};

/// Reads model files of one format. Thread-safe. Nothing that a file contains may crash the
/// process.
class ModelLoader {
 public:
  virtual ~ModelLoader() = default;

  /// Returns the text that the file carries under "actium.json" (the signature of a model without
  /// config.pbtxt); nothing if it carries none.
  ///
  /// Errors: INVALID_ARGUMENT if the file is no model archive, NOT_FOUND if there is no file.
  virtual absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) = 0;

  /// Loads a model and checks by a trial run on zeros that it takes and gives what its signature
  /// says.
  ///
  /// Errors: INVALID_ARGUMENT (the file is damaged, or its inputs, outputs, types or shapes are not
  /// those of spec.signature; names the tensor), NOT_FOUND, FAILED_PRECONDITION (it cannot run on
  /// the device that it requires; says why), RESOURCE_EXHAUSTED, INTERNAL.
  virtual absl::StatusOr<std::shared_ptr<LoadedModel>> Load(const LoadSpec& spec) = 0;

  /// Runs the model once on zeros of these inputs (whole shapes, no kAnySize) and returns what it
  /// gives: the draft of a signature, outputs named OUTPUT__0, OUTPUT__1, … . Used by --probe.
  virtual absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) = 0;
};

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_EXECUTOR_H_
