#include "server/libtorch/reference_model.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "ATen/core/Tensor.h"
#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/binding.h"
#include "server/libtorch/describe.h"
#include "server/libtorch/program.h"
#include "server/libtorch/run_recorder.h"
#include "server/libtorch/scalar_types.h"
#include "server/libtorch/slot.h"
#include "server/libtorch/threads.h"

namespace actium::libtorch {
namespace {

using engine::BatchShape;
using engine::Signature;

/// What all executors of a model share. Immutable.
struct Shared {
  Signature signature;
  std::vector<int> arguments;  ///< For each argument, which of signature.inputs it gets.
  std::vector<int> results;    ///< For each of signature.outputs, which result it is.
  std::shared_ptr<const Program> program;
  engine::ModelFacts facts;
  int64_t any_size = 1;  ///< A size with which dimensions of any size have run.
};

/// Returns a filled slot's inputs in the order of the program's arguments.
std::vector<at::Tensor> Arguments(const Shared& shared, const Slot& slot) {
  const std::vector<at::Tensor> inputs = slot.InputTensors();
  std::vector<at::Tensor> arguments;
  arguments.reserve(inputs.size());
  for (const int input : shared.arguments) arguments.push_back(inputs[static_cast<size_t>(input)]);
  return arguments;
}

/// Returns the names of the inputs in that order.
std::vector<std::string> ArgumentNames(const Shared& shared) {
  std::vector<std::string> names;
  for (const int input : shared.arguments) {
    names.push_back(shared.signature.inputs[static_cast<size_t>(input)].name);
  }
  return names;
}

BatchShape ZeroShapes(const Signature& signature, int batch, int64_t any_size) {
  BatchShape shapes;
  for (const tensor::TensorSpec& input : signature.inputs) {
    tensor::Shape shape;
    if (signature.max_batch_size > 0) shape.push_back(batch);
    for (const int64_t size : input.shape) {
      shape.push_back(size == tensor::kAnySize ? any_size : size);
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

absl::Status FillWithZeros(const BatchShape& shapes, Slot& slot) {
  ACTIUM_ASSIGN_OR_RETURN(const auto views, slot.Prepare(shapes));
  for (const tensor::MutableTensorView& view : views) {
    std::memset(view.bytes.data(), 0, view.bytes.size());
  }
  return absl::OkStatus();
}

/// Checks the results of a run on `slot` and gives them to it.
absl::Status KeepOutputs(const Shared& shared, std::vector<at::Tensor> results, Slot& slot) {
  std::vector<at::Tensor> outputs;
  outputs.reserve(shared.results.size());
  for (size_t i = 0; i < shared.results.size(); ++i) {
    const tensor::TensorSpec& spec = shared.signature.outputs[i];
    const auto result = static_cast<size_t>(shared.results[i]);
    if (result >= results.size()) {
      return absl::InvalidArgumentError(
          fmt::format("output '{}': the model gave only {} outputs", spec.name, results.size()));
    }
    const at::Tensor& tensor = results[result];
    const auto dtype = FromScalarType(tensor.scalar_type());
    if (!dtype) {
      return absl::InvalidArgumentError(
          fmt::format("output '{}': the model gives elements of type {}, which the protocol lacks",
                      spec.name, c10::toString(tensor.scalar_type())));
    }
    const int64_t batch = shared.signature.max_batch_size > 0 ? slot.rows() : 0;
    ACTIUM_RETURN_IF_ERROR(
        CheckOutput(spec, batch, *dtype, {tensor.sizes().data(), tensor.sizes().size()}));
    outputs.push_back(tensor);
  }
  slot.SetOutputs(std::move(outputs));
  return absl::OkStatus();
}

class ReferenceExecutor final : public engine::Executor {
 public:
  ReferenceExecutor(std::shared_ptr<const Shared> shared, std::shared_ptr<const Program> program,
                    int intra_op_threads)
      : shared_(std::move(shared)),
        program_(std::move(program)),
        intra_op_threads_(intra_op_threads) {}

  absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
    return std::make_unique<Slot>(shared_->signature);
  }

  int max_in_flight() const override { return 1; }

  void Start(engine::BatchSlot& slot, engine::Done done) override {
    UseThreads(intra_op_threads_);
    const auto begin = std::chrono::steady_clock::now();
    absl::Status status = Run(static_cast<Slot&>(slot));
    const auto took = std::chrono::steady_clock::now() - begin;
    if (!status.ok() && !absl::IsResourceExhausted(status)) {
      // The request passed its checks, so whatever happened is not the client's mistake.
      status = absl::InternalError(status.message());
    }
    done(std::move(status), {.compute = took});
  }

 private:
  absl::Status Run(Slot& slot) const {
    ACTIUM_ASSIGN_OR_RETURN(std::vector<at::Tensor> results,
                            program_->Run(Arguments(*shared_, slot)));
    return KeepOutputs(*shared_, std::move(results), slot);
  }

  const std::shared_ptr<const Shared> shared_;
  const std::shared_ptr<const Program> program_;
  const int intra_op_threads_;
};

class ReferenceModel final : public engine::LoadedModel {
 public:
  explicit ReferenceModel(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

  const Signature& signature() const override { return shared_->signature; }
  std::span<const int> batch_sizes() const override { return {}; }
  std::string engine() const override { return "libtorch"; }
  std::string precision() const override { return shared_->program->precision(); }
  const engine::ModelFacts& facts() const override { return shared_->facts; }

  absl::StatusOr<graph::Graph> ToGraph() const override {
    const Signature& signature = shared_->signature;
    if (signature.max_batch_size < 1) {
      return absl::UnimplementedError("the model has no batch dimension");
    }
    if (!engine::HasFixedInputShapes(signature)) {
      return absl::UnimplementedError("an input has a dimension of any size");
    }
    return shared_->program->Import(
        {.inputs = signature.inputs, .arguments = shared_->arguments, .results = shared_->results});
  }

  absl::StatusOr<engine::ModelDescription> Describe(
      const engine::DescribeOptions& options) const override {
    ACTIUM_ASSIGN_OR_RETURN(const std::shared_ptr<const Program> program, ProgramToRun());
    const bool batched = shared_->signature.max_batch_size > 0;
    Slot slot(shared_->signature);
    ACTIUM_RETURN_IF_ERROR(
        FillWithZeros(ZeroShapes(shared_->signature, options.rows, shared_->any_size), slot));
    ACTIUM_ASSIGN_OR_RETURN(
        engine::ModelDescription description,
        DescribeProgram(*program, Arguments(*shared_, slot), ArgumentNames(*shared_), options));
    description.rows = batched ? options.rows : 0;
    return description;
  }

  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device& device,
                                                                int intra_op_threads) override {
    if (device != engine::Device{}) {
      return absl::FailedPreconditionError("the libtorch engine runs on the CPU only");
    }
    ACTIUM_CHECK(intra_op_threads >= 1);
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<const Program> program, ProgramToRun());
    return std::make_unique<ReferenceExecutor>(shared_, std::move(program), intra_op_threads);
  }

 private:
  absl::StatusOr<std::shared_ptr<const Program>> ProgramToRun() const {
    if (!shared_->program->stateful()) return shared_->program;
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<const Program> copy, shared_->program->Copy());
    return copy;
  }

  const std::shared_ptr<const Shared> shared_;
};

absl::Status CheckTypes(const Signature& signature) {
  for (const auto* specs : {&signature.inputs, &signature.outputs}) {
    for (const tensor::TensorSpec& spec : *specs) {
      if (!ToScalarType(spec.dtype)) {
        return absl::InvalidArgumentError(fmt::format("tensor '{}': the libtorch engine has no {}",
                                                      spec.name, tensor::Name(spec.dtype)));
      }
    }
  }
  return absl::OkStatus();
}

/// Runs zeros of these shapes; binds the outputs, once it is known how many there are.
absl::Status TryOnZeros(Shared& shared, const Program& program, const BatchShape& shapes) {
  Slot slot(shared.signature);
  ACTIUM_RETURN_IF_ERROR(FillWithZeros(shapes, slot));
  absl::StatusOr<std::vector<at::Tensor>> results = program.Run(Arguments(shared, slot));
  if (results.ok()) {
    ACTIUM_ASSIGN_OR_RETURN(
        shared.results, BindOutputs(shared.signature.outputs, static_cast<int>(results->size())));
    return KeepOutputs(shared, *std::move(results), slot);
  }
  if (!absl::IsInternal(results.status())) return results.status();

  std::string given;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const tensor::TensorSpec& input = shared.signature.inputs[i];
    given += fmt::format("{}'{}' {} {}", given.empty() ? "" : ", ", input.name,
                         tensor::Name(input.dtype), tensor::ToString(shapes[i]));
  }
  return absl::InvalidArgumentError(
      fmt::format("trial run on zeros of {}: {}", given, std::string(results.status().message())));
}

absl::Status TrialRuns(Shared& shared, const Program& program) {
  // A convolutional network accepts many sizes, but none below its strides: begin with one that
  // most accept.
  static constexpr int64_t kSizes[] = {32, 224, 1, 512};
  absl::Status first_error;
  for (const int64_t any_size : kSizes) {
    const int most = std::min(shared.signature.max_batch_size, 2);
    absl::Status status;
    for (int batch = 1; batch <= std::max(most, 1) && status.ok(); ++batch) {
      status = TryOnZeros(shared, program, ZeroShapes(shared.signature, batch, any_size));
    }
    if (status.ok()) {
      shared.any_size = any_size;
      return status;
    }
    first_error.Update(status);
    if (engine::HasFixedInputShapes(shared.signature)) break;
  }
  return first_error;
}

/// Finds out which activations run, by one more run on zeros; a failure leaves them unknown.
void FindActivations(const Program& program, Shared& shared) {
  Slot slot(shared.signature);
  if (!FillWithZeros(ZeroShapes(shared.signature, 1, shared.any_size), slot).ok()) return;
  const absl::StatusOr<RunRecord> record =
      RecordRun(program, Arguments(shared, slot), ArgumentNames(shared));
  if (record.ok()) shared.facts.activations = engine::ActivationsOf(record->steps);
}

}  // namespace

absl::StatusOr<std::shared_ptr<engine::LoadedModel>> LoadReferenceModel(
    const engine::LoadSpec& spec) {
  ACTIUM_RETURN_IF_ERROR(CheckTypes(spec.signature));
  auto shared = std::make_shared<Shared>();
  shared->signature = spec.signature;
  ACTIUM_ASSIGN_OR_RETURN(shared->program, Program::Load(spec.file));

  std::vector<std::string> names;
  int required = 0;
  for (const Argument& argument : shared->program->arguments()) {
    names.push_back(argument.name);
    required += argument.required ? 1 : 0;
  }
  ACTIUM_ASSIGN_OR_RETURN(shared->arguments, BindInputs(spec.signature.inputs, names, required));

  // A trial must not leave its traces in a model that counts its runs.
  std::shared_ptr<const Program> trial = shared->program;
  if (trial->stateful()) {
    ACTIUM_ASSIGN_OR_RETURN(trial, trial->Copy());
  }
  UseThreads(1);
  ACTIUM_RETURN_IF_ERROR(TrialRuns(*shared, *trial));
  shared->facts = shared->program->facts().model;
  FindActivations(*trial, *shared);
  return std::make_shared<ReferenceModel>(std::move(shared));
}

}  // namespace actium::libtorch
