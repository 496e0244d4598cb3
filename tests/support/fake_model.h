#ifndef ACTIUM_TESTS_SUPPORT_FAKE_MODEL_H_
#define ACTIUM_TESTS_SUPPORT_FAKE_MODEL_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/engine/executor.h"

namespace actium::test {

/// How a FakeModel behaves.
struct FakeBehaviour {
  std::vector<int> batch_sizes{};  ///< As LoadedModel::batch_sizes().

  /// Called at the begin of each run, on its thread, with the batch's inputs: may block on a latch,
  /// turn a clock or note what it sees. An error is the run's. Null: nothing happens.
  std::function<absl::Status(std::span<const tensor::TensorView> inputs)> on_run{};

  /// Compute time that a run of so many rows reports, without taking it. Null: none.
  std::function<std::chrono::nanoseconds(int rows)> simulated_compute{};

  /// Real time that each run takes, busy.
  std::chrono::nanoseconds busy{0};

  /// As Executor::max_in_flight(). Above 1, runs end one after the other on a thread of the
  /// executor, as on a GPU; otherwise inside Start().
  int max_in_flight = 1;

  /// Rows of which the first input begins with this byte give NaN as the first element of each
  /// floating-point output.
  std::optional<std::byte> nan_marker{};

  /// What a row gives depends on the rows of its batch, which a real model's must not.
  bool depends_on_batch = false;

  /// As LoadedModel::facts().
  engine::ModelFacts facts{};

  /// What the model says of itself; executors are made for this device only.
  std::string engine = "fake";
  engine::Precision precision = engine::Precision::kFp32;
  engine::Device device{};

  /// ToGraph() gives a graph: not of what the model does, but a good one.
  bool importable = false;

  /// Not OK: NewExecutor() fails so.
  absl::Status new_executor{};
};

/// Fills one row of an output (without batch dimension: the whole output) from the same row of all
/// inputs: each element depends on every byte and its position, on the output's index and on the
/// element's. Floating-point elements are whole numbers: in [0, 1023], of 16-bit types in [0, 255].
///
/// output: as many whole elements of dtype as it holds.
void FakeRow(std::span<const std::span<const std::byte>> input_rows, size_t output_index,
             tensor::DType dtype, std::span<std::byte> output);

/// A model without arithmetic: output rows are FakeRow() of input rows, so that a mix-up, a loss or
/// a leak of padding shows in the content. Output dimensions of any size are 1. Its slots are
/// filled with garbage at each Prepare() and end the process if anything was written outside of the
/// inputs. Thread-safe.
class FakeModel final : public engine::LoadedModel {
 public:
  FakeModel(engine::Signature signature, FakeBehaviour behaviour);

  const engine::Signature& signature() const override { return signature_; }
  std::span<const int> batch_sizes() const override { return behaviour_.batch_sizes; }
  std::string engine() const override { return behaviour_.engine; }
  std::string precision() const override { return std::string(Name(behaviour_.precision)); }
  engine::Device device() const override { return behaviour_.device; }
  const engine::ModelFacts& facts() const override { return behaviour_.facts; }

  /// Returns two steps, "fake::mix" of 3 us and after it "fake::bend" of 1 us, the first activation
  /// of facts(); one run more than are timed, each calling on_run without inputs.
  absl::StatusOr<engine::ModelDescription> Describe(
      const engine::DescribeOptions& options) const override;

  absl::StatusOr<graph::Graph> ToGraph() const override;

  /// The executor refers to this model.
  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device& device,
                                                                int intra_op_threads) override;

  const FakeBehaviour& behaviour() const { return behaviour_; }

 private:
  const engine::Signature signature_;
  const FakeBehaviour behaviour_;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_FAKE_MODEL_H_
