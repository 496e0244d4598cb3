#include "server/cuda/measure_kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fmt/format.h"
#include "server/cuda/constant_pool.h"
#include "server/cuda/layout.h"
#include "server/cuda/repeated_work.h"
#include "server/cuda/resources.h"
#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

constexpr int kRounds = 5;

// Numbers in [-size, size], the same each time; few that repeat at a distance that no layer has.
std::vector<float> MadeUp(int64_t count, float size) {
  std::vector<float> numbers(static_cast<size_t>(count));
  uint32_t state = 12345;
  for (float& number : numbers) {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes, section 7.1.
    number = size * (static_cast<float>(state >> 8) * 0x1p-23f - 1.0f);
  }
  return numbers;
}

// A contraction's memory, and its results as floats.
class Trial {
 public:
  Trial(const ContractionShape& shape, const Arithmetics& arithmetics)
      : shape_(shape), arithmetics_(arithmetics) {
    program_.steps = 1;
    program_.step[0].function = static_cast<uint8_t>(activation::Activation::kMish);
    program_.step[0].left.source = Source::kPrevious;
  }

  absl::Status Prepare() {
    const Storage storage = arithmetics_.storage;
    const int64_t x = int64_t{shape_.rows} * shape_.in.h * shape_.in.w * shape_.in_channels;
    const int64_t weight = int64_t{shape_.out_channels} * shape_.depth();
    // Sums of some units, the largest beyond 11, where e^x leaves the range of half.
    const float size = 6.0f / std::sqrt(static_cast<float>(shape_.depth()));
    const size_t x_at = pool_.Add(MadeUp(x, 4.0f), storage);
    const size_t weight_at = pool_.Add(MadeUp(weight, size), storage);
    const size_t bias_at = pool_.Add(MadeUp(shape_.out_channels, 4.0f), Storage::kFloat);
    ACTIUM_RETURN_IF_ERROR(pool_.Upload());
    const auto results = static_cast<size_t>(Results());
    ACTIUM_ASSIGN_OR_RETURN(y_, NewDeviceMemory(results * BytesOf(storage), "tuning"));
    ACTIUM_ASSIGN_OR_RETURN(floats_, NewDeviceMemory(results * sizeof(float), "tuning"));
    ACTIUM_ASSIGN_OR_RETURN(stream_, NewStream());
    memory_ = {.x = pool_.at(x_at),
               .weight = pool_.at(weight_at),
               .bias = static_cast<const float*>(pool_.at(bias_at)),
               .y = y_.get()};
    return absl::OkStatus();
  }

  absl::StatusOr<RepeatedWork> Repeat(const ContractionKernel& kernel) {
    return RepeatedWork::Make(stream_.get(), [&] { return Enqueue(kernel); });
  }

  absl::StatusOr<std::vector<float>> ResultsOf(const ContractionKernel& kernel) {
    std::vector<float> results(static_cast<size_t>(Results()));
    ACTIUM_RETURN_IF_ERROR(Enqueue(kernel));
    const Layout whole = {.channels = 1, .pixels = static_cast<int>(Results())};
    ACTIUM_RETURN_IF_CUDA_ERROR(RunStore(arithmetics_.storage, y_.get(), whole,
                                         reinterpret_cast<float*>(floats_.get()), 1, stream_.get()),
                                "tuning");
    ACTIUM_RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(stream_.get()), "tuning");
    ACTIUM_RETURN_IF_CUDA_ERROR(cudaMemcpy(results.data(), floats_.get(),
                                           results.size() * sizeof(float), cudaMemcpyDeviceToHost),
                                "tuning");
    return results;
  }

 private:
  int64_t Results() const { return shape_.pixels() * shape_.out_channels; }

  absl::Status Enqueue(const ContractionKernel& kernel) {
    return ToStatus(kernel.run(shape_, arithmetics_.storage, memory_, program_, stream_.get()),
                    fmt::format("tuning: {}", kernel.name));
  }

  const ContractionShape shape_;
  const Arithmetics arithmetics_;
  Program program_;
  ConstantPool pool_;
  ContractionMemory memory_;
  DeviceMemory y_, floats_;
  Stream stream_;
};

// Of the largest result: kernels add in another order, and TF32 cuts what they multiply.
double Tolerance(const Arithmetics& arithmetics) {
  if (arithmetics.tf32) return 1e-2;
  switch (arithmetics.storage) {
    case Storage::kFloat:
      return 1e-4;
    case Storage::kHalf:
      return 2e-3;
    case Storage::kBfloat16:
      return 2e-2;
  }
  return 0;
}

absl::Status CheckResults(const ContractionKernel& kernel, const std::vector<float>& results,
                          const std::vector<float>& right, double tolerance) {
  double largest = 0;
  for (const float number : right) largest = std::max(largest, std::abs(double{number}));
  for (size_t i = 0; i < right.size(); ++i) {
    // So that a NaN fails, too.
    if (std::abs(double{results[i]} - double{right[i]}) <= tolerance * largest) continue;
    return absl::InternalError(fmt::format("kernel {} computes {} where {} computes {}",
                                           kernel.name, results[i], kReferenceKernel.name,
                                           right[i]));
  }
  return absl::OkStatus();
}

float Median(std::vector<float> numbers) {
  const auto middle = numbers.begin() + std::ssize(numbers) / 2;
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace

absl::StatusOr<const ContractionKernel*> FastestKernel(
    const ContractionShape& shape, const Arithmetics& arithmetics,
    std::span<const ContractionKernel* const> kernels) {
  Trial trial(shape, arithmetics);
  ACTIUM_RETURN_IF_ERROR(trial.Prepare());
  ACTIUM_ASSIGN_OR_RETURN(const std::vector<float> right, trial.ResultsOf(kReferenceKernel));
  std::vector<RepeatedWork> works;
  for (const ContractionKernel* const kernel : kernels) {
    ACTIUM_ASSIGN_OR_RETURN(const std::vector<float> results, trial.ResultsOf(*kernel));
    ACTIUM_RETURN_IF_ERROR(CheckResults(*kernel, results, right, Tolerance(arithmetics)));
    ACTIUM_ASSIGN_OR_RETURN(RepeatedWork work, trial.Repeat(*kernel));
    works.push_back(std::move(work));
  }
  std::vector<std::vector<float>> times(kernels.size());
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < kernels.size(); ++i) {
      ACTIUM_ASSIGN_OR_RETURN(const float milliseconds, works[i].Milliseconds());
      times[i].push_back(milliseconds);
    }
  }
  const auto fastest = std::ranges::min_element(times, {}, Median);
  return kernels[static_cast<size_t>(fastest - times.begin())];
}

}  // namespace actium::cuda
