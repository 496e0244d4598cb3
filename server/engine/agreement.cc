#include "server/engine/agreement.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/engine/made_up_numbers.h"
#include "server/engine/run_batch.h"

namespace actium::engine {
namespace {

using tensor::DType;

enum class Inputs { kZeros, kUsual, kExtreme };

std::string_view Name(Inputs inputs) {
  constexpr std::string_view kNames[] = {"zeros", "usual", "extreme"};
  return kNames[static_cast<size_t>(inputs)];
}

// A model with the memory of one batch.
class Runner {
 public:
  static absl::StatusOr<Runner> Make(LoadedModel& model) {
    Runner runner;
    ACTIUM_ASSIGN_OR_RETURN(runner.executor_, model.NewExecutor(model.device(), 1));
    ACTIUM_ASSIGN_OR_RETURN(runner.slot_, runner.executor_->NewSlot());
    return runner;
  }

  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(const BatchShape& shapes) {
    return slot_->Prepare(shapes);
  }

  absl::Status Run() { return RunBatch(*executor_, *slot_).status(); }

  std::span<const tensor::TensorView> outputs() const { return slot_->outputs(); }

 private:
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<BatchSlot> slot_;
};

absl::Status CheckSignature(const Signature& signature) {
  const bool floats = std::ranges::all_of(
      signature.outputs, [](const auto& output) { return output.dtype == DType::kFp32; });
  const bool inputs = std::ranges::all_of(signature.inputs, [](const auto& input) {
    return input.dtype == DType::kFp32 || !tensor::IsFloatingPoint(input.dtype);
  });
  if (floats && inputs && signature.max_batch_size >= 1 && HasFixedInputShapes(signature)) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(
      "only models with a batch dimension, known input shapes and FP32 outputs are compared");
}

// Turns usual numbers into extreme ones: large floats, and bytes that are the least or the largest.
void Stretch(const tensor::MutableTensorView& view, float factor) {
  if (view.dtype == DType::kFp32) {
    const auto floats = reinterpret_cast<float*>(view.bytes.data());
    for (size_t i = 0; i < view.bytes.size() / sizeof(float); ++i) floats[i] *= factor;
    return;
  }
  const auto most = static_cast<std::byte>(view.dtype == DType::kBool ? 1 : 0xff);
  for (std::byte& byte : view.bytes) {
    byte = (byte & std::byte{1}) == std::byte{0} ? std::byte{0} : most;
  }
}

void Fill(const tensor::MutableTensorView& view, Inputs inputs, bool half_range,
          std::mt19937& random) {
  std::ranges::fill(view.bytes, std::byte{0});
  if (inputs == Inputs::kZeros) return;
  MakeUpNumbers(view.dtype, random, view.bytes);
  if (inputs == Inputs::kExtreme) Stretch(view, half_range ? 1e2F : 1e4F);
}

std::span<const float> Floats(const tensor::TensorView& view) {
  return {reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / sizeof(float)};
}

// Whether a row from extreme inputs may have overflowed in half.
bool OverflowsInHalf(std::span<const float> expected, std::span<const float> given) {
  constexpr float kHalfOfRange = 65504.0F / 2;
  return std::ranges::any_of(expected, [](float x) { return !(std::abs(x) <= kHalfOfRange); }) ||
         std::ranges::any_of(given, [](float x) { return !std::isfinite(x); });
}

absl::Status CompareRow(std::span<const float> expected, std::span<const float> given,
                        const Tolerance& tolerance) {
  double largest = 0;
  for (const float number : expected) {
    if (std::isfinite(number)) largest = std::max(largest, std::abs(double{number}));
  }
  const double allowed = std::max(tolerance.absolute, tolerance.relative * largest);
  for (size_t i = 0; i < expected.size(); ++i) {
    const bool finite = std::isfinite(expected[i]);
    const bool alike =
        finite ? std::abs(double{expected[i]} - given[i]) <= allowed : !std::isfinite(given[i]);
    if (alike) continue;
    return absl::FailedPreconditionError(
        fmt::format("number {} is {}, but by the reference {}; they may differ by {:.3g}", i,
                    given[i], expected[i], allowed));
  }
  return absl::OkStatus();
}

absl::Status CompareOutputs(const Signature& signature, const Runner& reference,
                            const Runner& candidate, int rows, Inputs inputs,
                            const Tolerance& tolerance) {
  const bool may_overflow = inputs == Inputs::kExtreme && tolerance.half_range;
  if (reference.outputs().size() != candidate.outputs().size()) {
    return absl::FailedPreconditionError("it gives another number of outputs");
  }
  for (size_t i = 0; i < signature.outputs.size(); ++i) {
    const tensor::TensorView& expected = reference.outputs()[i];
    const tensor::TensorView& given = candidate.outputs()[i];
    const std::string& name = signature.outputs[i].name;
    if (expected.shape != given.shape || expected.dtype != given.dtype) {
      return absl::FailedPreconditionError(
          fmt::format("output '{}' is {} {}, but by the reference {} {}", name,
                      tensor::Name(given.dtype), tensor::ToString(given.shape),
                      tensor::Name(expected.dtype), tensor::ToString(expected.shape)));
    }
    const size_t row_size = Floats(expected).size() / static_cast<size_t>(rows);
    for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
      const auto expected_row = Floats(expected).subspan(row * row_size, row_size);
      const auto given_row = Floats(given).subspan(row * row_size, row_size);
      if (may_overflow && OverflowsInHalf(expected_row, given_row)) continue;
      const absl::Status status = CompareRow(expected_row, given_row, tolerance);
      if (status.ok()) continue;
      return absl::FailedPreconditionError(
          fmt::format("output '{}', row {}: {}", name, row, std::string(status.message())));
    }
  }
  return absl::OkStatus();
}

absl::Status CompareRuns(const Signature& signature, Runner& reference, Runner& candidate, int rows,
                         Inputs inputs, const Tolerance& tolerance) {
  const BatchShape shapes = BatchShapeOf(signature, rows);
  ACTIUM_ASSIGN_OR_RETURN(const auto expected, reference.Prepare(shapes));
  ACTIUM_ASSIGN_OR_RETURN(const auto given, candidate.Prepare(shapes));
  std::mt19937 random(static_cast<unsigned>(rows));
  for (size_t i = 0; i < expected.size(); ++i) {
    Fill(expected[i], inputs, tolerance.half_range, random);
    std::ranges::copy(expected[i].bytes, given[i].bytes.begin());
  }
  ACTIUM_RETURN_IF_ERROR(reference.Run());
  ACTIUM_RETURN_IF_ERROR(candidate.Run());
  return CompareOutputs(signature, reference, candidate, rows, inputs, tolerance);
}

}  // namespace

Tolerance ToleranceOf(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      break;
    case Precision::kTf32:
      return {.absolute = 1e-4, .relative = 0.02};
    case Precision::kFp16:
      return {.absolute = 1e-4, .relative = 0.02, .half_range = true};
    case Precision::kBf16:
      return {.absolute = 1e-3, .relative = 0.05};
  }
  return {};
}

absl::Status CheckAgreement(LoadedModel& reference, LoadedModel& candidate,
                            const Tolerance& tolerance) {
  const Signature& signature = reference.signature();
  ACTIUM_RETURN_IF_ERROR(CheckSignature(signature));
  ACTIUM_ASSIGN_OR_RETURN(Runner expected, Runner::Make(reference));
  ACTIUM_ASSIGN_OR_RETURN(Runner given, Runner::Make(candidate));
  // Each planned size is a plan of its own.
  std::set<int> sizes(candidate.batch_sizes().begin(), candidate.batch_sizes().end());
  if (sizes.empty()) {
    sizes = {1, std::min(3, signature.max_batch_size), signature.max_batch_size};
  }
  for (const int rows : sizes) {
    // Formulas meet every value in the smallest and the largest batch; between them only the number
    // of rows is new.
    const bool outermost = rows == *sizes.begin() || rows == *sizes.rbegin();
    for (const Inputs inputs : {Inputs::kZeros, Inputs::kUsual, Inputs::kExtreme}) {
      if (!outermost && inputs != Inputs::kUsual) continue;
      const absl::Status status = CompareRuns(signature, expected, given, rows, inputs, tolerance);
      if (status.ok()) continue;
      return absl::Status(status.code(), fmt::format("{} inputs, batch of {}: {}", Name(inputs),
                                                     rows, std::string(status.message())));
    }
  }
  return absl::OkStatus();
}

}  // namespace actium::engine
