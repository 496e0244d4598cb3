#include "tests/support/fake_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace actium::test {
namespace {

using tensor::DType;
using tensor::MutableTensorView;
using tensor::TensorView;

constexpr std::byte kGarbage{0xa5};
constexpr size_t kGuardBytes = 64;

size_t Bytes(DType dtype, const tensor::Shape& shape) {
  const auto bytes = tensor::ByteCount(dtype, shape);
  ACTIUM_CHECK(bytes.has_value());
  return static_cast<size_t>(*bytes);
}

// A number in [0, 1023], or its low bits, as an element.
void StoreNumber(DType dtype, uint32_t number, std::byte* to) {
  const auto value = static_cast<float>(number);
  if (dtype == DType::kFp32) {
    std::memcpy(to, &value, sizeof(value));
  } else if (dtype == DType::kFp64) {
    const double wide = value;
    std::memcpy(to, &wide, sizeof(wide));
  } else if (dtype == DType::kBf16 || dtype == DType::kFp16) {
    // Eight significant bits fit both: the exponent is rebased, the mantissa cut.
    const auto bits = std::bit_cast<uint32_t>(static_cast<float>(number & 0xff));
    uint16_t half = static_cast<uint16_t>(bits >> 16);
    if (dtype == DType::kFp16 && bits != 0) {
      half = static_cast<uint16_t>(((bits >> 13) & 0x3ff) | (((bits >> 23) - 112) << 10));
    }
    std::memcpy(to, &half, sizeof(half));
  } else {
    std::memset(to, 0, tensor::ElementBytes(dtype));
    *to = static_cast<std::byte>(dtype == DType::kBool ? number & 1 : number & 0xff);
  }
}

void StoreNan(DType dtype, std::byte* to) {
  if (dtype == DType::kFp32) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(to, &nan, sizeof(nan));
  } else if (dtype == DType::kFp64) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    std::memcpy(to, &nan, sizeof(nan));
  } else if (dtype == DType::kFp16 || dtype == DType::kBf16) {
    const uint16_t nan = dtype == DType::kFp16 ? 0x7e00 : 0x7fc0;
    std::memcpy(to, &nan, sizeof(nan));
  }
}

class FakeSlot final : public engine::BatchSlot {
 public:
  explicit FakeSlot(const engine::Signature& signature) : signature_(signature) {}

  absl::StatusOr<std::span<const MutableTensorView>> Prepare(
      const engine::BatchShape& actual) override {
    ACTIUM_CHECK(actual.size() == signature_.inputs.size());
    inputs_.clear();
    memory_.resize(actual.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      const DType dtype = signature_.inputs[i].dtype;
      const size_t bytes = Bytes(dtype, actual[i]);
      memory_[i].assign(bytes + kGuardBytes, kGarbage);
      inputs_.push_back(
          {.dtype = dtype, .shape = actual[i], .bytes = std::span(memory_[i]).first(bytes)});
    }
    return std::span<const MutableTensorView>(inputs_);
  }

  std::span<const TensorView> outputs() const override { return outputs_; }

  std::vector<TensorView> FilledInputs() const {
    std::vector<TensorView> views;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      const std::span guard = std::span(memory_[i]).subspan(inputs_[i].bytes.size());
      ACTIUM_CHECK(
          std::all_of(guard.begin(), guard.end(), [](std::byte byte) { return byte == kGarbage; }));
      views.push_back(
          {.dtype = inputs_[i].dtype, .shape = inputs_[i].shape, .bytes = inputs_[i].bytes});
    }
    return views;
  }

  void Compute(std::span<const TensorView> inputs, const FakeBehaviour& behaviour) {
    const int64_t rows = signature_.max_batch_size > 0 ? inputs[0].shape[0] : 1;
    results_.resize(signature_.outputs.size());
    outputs_.clear();
    for (size_t i = 0; i < results_.size(); ++i) {
      const tensor::TensorSpec& spec = signature_.outputs[i];
      tensor::Shape shape = spec.shape;
      std::replace(shape.begin(), shape.end(), tensor::kAnySize, int64_t{1});
      if (signature_.max_batch_size > 0) shape.insert(shape.begin(), rows);
      results_[i].resize(Bytes(spec.dtype, shape));
      ComputeOutput(inputs, i, static_cast<size_t>(rows), behaviour);
      outputs_.push_back({.dtype = spec.dtype, .shape = shape, .bytes = results_[i]});
    }
  }

 private:
  void ComputeOutput(std::span<const TensorView> inputs, size_t output, size_t rows,
                     const FakeBehaviour& behaviour) {
    const DType dtype = signature_.outputs[output].dtype;
    const size_t row_bytes = rows == 0 ? 0 : results_[output].size() / rows;
    for (size_t row = 0; row < rows; ++row) {
      std::vector<std::span<const std::byte>> input_rows;
      for (const TensorView& input : inputs) {
        const size_t bytes = input.bytes.size() / rows;
        input_rows.push_back(input.bytes.subspan(row * bytes, bytes));
      }
      const auto to = std::span(results_[output]).subspan(row * row_bytes, row_bytes);
      FakeRow(input_rows, behaviour.depends_on_batch ? output + rows : output, dtype, to);
      const auto& first = input_rows.front();
      const auto& marker = behaviour.nan_marker;
      if (marker && !first.empty() && first.front() == *marker && !to.empty()) {
        StoreNan(dtype, to.data());
      }
    }
  }

  const engine::Signature& signature_;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<MutableTensorView> inputs_;
  std::vector<std::vector<std::byte>> results_;
  std::vector<TensorView> outputs_;
};

void BeBusy(std::chrono::nanoseconds time) {
  if (time <= std::chrono::nanoseconds::zero()) return;
  const base::TimePoint end = base::SteadyClock().Now() + time;
  while (base::SteadyClock().Now() < end) {
  }
}

void Run(const FakeModel& model, FakeSlot& slot, engine::Done& done) {
  const FakeBehaviour& behaviour = model.behaviour();
  const std::vector<TensorView> inputs = slot.FilledInputs();
  const base::TimePoint begin = base::SteadyClock().Now();
  absl::Status status = behaviour.on_run ? behaviour.on_run(inputs) : absl::OkStatus();
  if (status.ok()) slot.Compute(inputs, behaviour);
  BeBusy(behaviour.busy);
  engine::RunTimes times{.compute = base::SteadyClock().Now() - begin};
  if (behaviour.simulated_compute) {
    const bool batched = model.signature().max_batch_size > 0;
    times.compute = behaviour.simulated_compute(batched ? static_cast<int>(inputs[0].shape[0]) : 1);
  }
  done(std::move(status), times);
}

class InlineExecutor final : public engine::Executor {
 public:
  explicit InlineExecutor(const FakeModel& model) : model_(model) {}

  absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
    return std::make_unique<FakeSlot>(model_.signature());
  }
  int max_in_flight() const override { return 1; }
  void Start(engine::BatchSlot& slot, engine::Done done) override {
    Run(model_, static_cast<FakeSlot&>(slot), done);
  }

 private:
  const FakeModel& model_;
};

// Runs on a thread of its own, in the order of the Starts.
class ThreadExecutor final : public engine::Executor {
 public:
  explicit ThreadExecutor(const FakeModel& model) : model_(model), thread_([this] { Work(); }) {}

  ~ThreadExecutor() override {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
    }
    wake_.NotifyOne();
    thread_.join();
  }

  absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
    return std::make_unique<FakeSlot>(model_.signature());
  }
  int max_in_flight() const override { return model_.behaviour().max_in_flight; }
  void Start(engine::BatchSlot& slot, engine::Done done) override {
    {
      base::MutexLock lock(mutex_);
      started_.push_back({&static_cast<FakeSlot&>(slot), std::move(done)});
    }
    wake_.NotifyOne();
  }

 private:
  struct Started {
    FakeSlot* slot = nullptr;
    engine::Done done;
  };

  void Work() {
    while (true) {
      Started next;
      {
        base::MutexLock lock(mutex_);
        while (started_.empty() && !stopping_) wake_.Wait(mutex_);
        if (started_.empty()) return;
        next = std::move(started_.front());
        started_.pop_front();
      }
      Run(model_, *next.slot, next.done);
    }
  }

  const FakeModel& model_;
  base::Mutex mutex_;
  base::CondVar wake_;
  std::deque<Started> started_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

void FakeRow(std::span<const std::span<const std::byte>> input_rows, size_t output_index,
             DType dtype, std::span<std::byte> output) {
  // FNV-1a; the prime and the offset are its published constants for 64 bits.
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t hash = 0xcbf29ce484222325 ^ output_index;
  for (const auto& row : input_rows) {
    for (const std::byte byte : row) hash = (hash ^ static_cast<uint64_t>(byte)) * kPrime;
    hash = (hash ^ 0x100) * kPrime;  // So that moving a byte to the next input shows.
  }
  const size_t element = tensor::ElementBytes(dtype);
  for (size_t i = 0; i + element <= output.size(); i += element) {
    hash = (hash ^ i) * kPrime;
    StoreNumber(dtype, static_cast<uint32_t>(hash >> 40) & 1023, output.data() + i);
  }
}

FakeModel::FakeModel(engine::Signature signature, FakeBehaviour behaviour)
    : signature_(std::move(signature)), behaviour_(std::move(behaviour)) {}

absl::StatusOr<engine::ModelDescription> FakeModel::Describe(
    const engine::DescribeOptions& options) const {
  for (int run = 0; run <= options.timed_runs; ++run) {
    ACTIUM_RETURN_IF_ERROR(
        options.run([&] { return behaviour_.on_run ? behaviour_.on_run({}) : absl::OkStatus(); }));
  }
  engine::Step mix;
  mix.kind = "fake::mix";
  mix.name = "mix";
  mix.model_inputs = {signature_.inputs.front().name};
  mix.output_shape = {options.rows, 3};
  mix.output_dtype = "FP32";
  mix.fused = {"bias"};
  mix.source = "model.py:7";
  mix.flops = 6 * options.rows;
  mix.bytes = 24 * options.rows;
  engine::Step bend = mix;
  bend.kind = "fake::bend";
  bend.name = "bend";
  bend.inputs = {0};
  bend.model_inputs.clear();
  bend.fused.clear();
  bend.flops.reset();
  if (!facts().activations.empty()) bend.activation = facts().activations.front();
  engine::ModelDescription description;
  description.rows = signature_.max_batch_size > 0 ? options.rows : 0;
  description.notes = {"a fake fuses nothing"};
  if (options.timed_runs > 0) {
    mix.time = std::chrono::microseconds(3);
    bend.time = std::chrono::microseconds(1);
    description.timed_runs = options.timed_runs;
    description.total = std::chrono::microseconds(5);
  }
  description.steps = {std::move(mix), std::move(bend)};
  return description;
}

absl::StatusOr<graph::Graph> FakeModel::ToGraph() const {
  if (!behaviour_.importable) return absl::UnimplementedError("fake::mix: not known");
  graph::Graph graph;
  ACTIUM_ASSIGN_OR_RETURN(const auto x, graph.AddInput("x", DType::kFp32, {1}));
  const graph::Program program = {
      {.step = graph::Activate{.id = activation::Activation::kRelu, .parameters = {}}}};
  ACTIUM_ASSIGN_OR_RETURN(const auto y, graph.AddNode("y", graph::Pointwise{program}, {x}));
  ACTIUM_RETURN_IF_ERROR(graph.SetOutputs({y}));
  return graph;
}

absl::StatusOr<std::unique_ptr<engine::Executor>> FakeModel::NewExecutor(
    const engine::Device& device, int) {
  if (device != behaviour_.device) {
    return absl::FailedPreconditionError(fmt::format(
        "the model is on {}, not on {}", engine::Name(behaviour_.device), engine::Name(device)));
  }
  if (!behaviour_.new_executor.ok()) return behaviour_.new_executor;
  if (behaviour_.max_in_flight > 1) return std::make_unique<ThreadExecutor>(*this);
  return std::make_unique<InlineExecutor>(*this);
}

}  // namespace actium::test
