#include "server/compare/latency.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/compare/latency_report.h"
#include "server/compare/made_up_inputs.h"
#include "server/compare/report_parts.h"
#include "server/compare/run_rows.h"
#include "server/compare/setting.h"

namespace actium::compare {
namespace {

constexpr int kFewestRounds = 3;
constexpr int kMostBatchSizes = 16;

// Warm-up is over when the last so many medians differ by less than this, or after the most rounds.
constexpr size_t kSteadyRounds = 3;
constexpr double kSteady = 0.02;
constexpr int kMostWarmUpRounds = 10;

// Batches of one variant in a round: of fewer the median says little, more gain nothing.
constexpr int kFewestSamples = 5;
constexpr int kMostSamples = 101;

absl::StatusOr<std::chrono::nanoseconds> ReadTimeLimit(const v1::CompareLatencyRequest& request) {
  constexpr int64_t kMostSeconds = 3600;
  if (!request.has_time_limit()) return std::chrono::seconds(60);
  const auto& limit = request.time_limit();
  const auto nanoseconds =
      std::chrono::seconds(std::clamp<int64_t>(limit.seconds(), -1, kMostSeconds + 1)) +
      std::chrono::nanoseconds(limit.nanos());
  if (nanoseconds > std::chrono::nanoseconds(0) &&
      nanoseconds <= std::chrono::seconds(kMostSeconds)) {
    return nanoseconds;
  }
  return absl::InvalidArgumentError(fmt::format("time_limit must be in (0 s, {} s], got {}.{:09} s",
                                                kMostSeconds, limit.seconds(),
                                                std::abs(limit.nanos())));
}

absl::StatusOr<std::vector<int>> ReadBatchSizes(const v1::CompareLatencyRequest& request,
                                                int most) {
  if (request.batch_sizes_size() == 0) return std::vector<int>{1};
  const std::vector<int> sizes(request.batch_sizes().begin(), request.batch_sizes().end());
  if (sizes.size() > kMostBatchSizes ||
      std::set(sizes.begin(), sizes.end()).size() < sizes.size()) {
    return absl::InvalidArgumentError(
        fmt::format("batch_sizes must be at most {} different ones", kMostBatchSizes));
  }
  for (const int size : sizes) {
    if (size >= 1 && size <= most) continue;
    return absl::InvalidArgumentError(fmt::format(
        "batch_sizes must be in [1, {}], which every variant takes, got {}", most, size));
  }
  return sizes;
}

double MedianServed(const std::vector<LatencySample>& samples) {
  std::vector<double> served;
  for (const LatencySample& sample : samples) served.push_back(sample.served);
  return Median(served);
}

LatencySample SampleOf(const TimedAnswer& answer) {
  // At least one: ratios are taken, and an engine may report less than its clock can tell.
  const auto ns = [](std::chrono::nanoseconds time) {
    return std::max(1.0, static_cast<double>(time.count()));
  };
  const observe::StageTimes& stages = answer.response->stages;
  return {.served = ns(answer.took),
          .queue = ns(stages.queue),
          .gather = ns(stages.gather),
          .compute = ns(stages.compute),
          .scatter = ns(stages.scatter)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<LatencyComparison>> LatencyComparison::Make(
    inference::InferenceCore& core, const repository::ModelRepository& repository,
    const v1::CompareLatencyRequest& request, batching::InferRequest inputs) {
  const std::vector<std::string> names(request.variants().begin(), request.variants().end());
  ACTIUM_ASSIGN_OR_RETURN(std::vector<Variant> variants, PinVariants(repository, names));
  int rows = 0;
  if (!inputs.inputs.empty()) {
    const bool batched = variants.front().model->signature.max_batch_size > 0;
    ACTIUM_ASSIGN_OR_RETURN(rows, CountRows(inputs, batched));
  }
  std::unique_ptr<LatencyComparison> comparison(
      new LatencyComparison(core, std::move(variants), std::move(inputs), rows));
  ACTIUM_RETURN_IF_ERROR(comparison->ReadRequest(request));
  comparison->MakeCells();
  return comparison;
}

LatencyComparison::LatencyComparison(inference::InferenceCore& core, std::vector<Variant> variants,
                                     batching::InferRequest inputs, int input_rows)
    : core_(core),
      variants_(std::move(variants)),
      inputs_(std::move(inputs)),
      input_rows_(input_rows) {}

absl::Status LatencyComparison::ReadRequest(const v1::CompareLatencyRequest& request) {
  constexpr int kMostRounds = 1000;
  constexpr int kUsualRounds = 20;
  for (const Variant& variant : variants_) data_.variants.push_back(variant.name);
  ACTIUM_ASSIGN_OR_RETURN(data_.baseline, FindBaseline(variants_, request.baseline()));
  ACTIUM_ASSIGN_OR_RETURN(data_.batch_sizes, ReadBatchSizes(request, LeastMaxBatchSize()));
  ACTIUM_ASSIGN_OR_RETURN(settings_.confidence,
                          Setting("confidence", request.confidence(), 0.95, 0.5, 0.9999));
  ACTIUM_ASSIGN_OR_RETURN(settings_.margin, Setting("margin", request.margin(), 0.03, 1e-9, 0.999));
  ACTIUM_ASSIGN_OR_RETURN(time_limit_, ReadTimeLimit(request));
  rounds_ = request.rounds() == 0 ? kUsualRounds : request.rounds();
  if (rounds_ < kFewestRounds || rounds_ > kMostRounds) {
    return absl::InvalidArgumentError(fmt::format("rounds must be in [{}, {}], got {}",
                                                  kFewestRounds, kMostRounds, request.rounds()));
  }
  random_.seed(request.seed());

  const int largest = *std::ranges::max_element(data_.batch_sizes);
  if (input_rows_ == 0) {
    ACTIUM_ASSIGN_OR_RETURN(inputs_, MakeUpInputs(variants_.front().model->signature, largest));
    input_rows_ = largest;
  }
  if (input_rows_ >= largest) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "inputs must have at least as many rows as the largest of batch_sizes, {}, got {}", largest,
      input_rows_));
}

void LatencyComparison::MakeCells() {
  data_.rounds.assign(data_.batch_sizes.size(), std::vector<LatencyRounds>(variants_.size()));
  data_.repeated_baseline.resize(data_.batch_sizes.size());
  for (size_t size = 0; size < data_.batch_sizes.size(); ++size) {
    for (size_t variant = 0; variant < variants_.size(); ++variant) {
      cells_.push_back({.size = size, .variant = variant, .warm_up_medians = {}});
    }
    cells_.push_back({.size = size,
                      .variant = static_cast<size_t>(data_.baseline),
                      .repeat = true,
                      .warm_up_medians = {}});
  }
}

int LatencyComparison::LeastMaxBatchSize() const {
  int most = INT32_MAX;
  for (const Variant& variant : variants_) {
    most = std::min(most, std::max(1, variant.model->signature.max_batch_size));
  }
  return most;
}

bool LatencyComparison::finished() const { return measured_ == rounds_ || TimeIsOver(); }

absl::Status LatencyComparison::RunRound(
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  std::shuffle(cells_.begin(), cells_.end(), random_);
  for (Cell& cell : cells_) {
    const int count = warming_up_ ? kFewestSamples : cell.samples;
    ACTIUM_ASSIGN_OR_RETURN(auto samples, Time(cell, count, cancellation));
    if (warming_up_) {
      Plan(cell, samples);
    } else {
      RoundsOf(cell).push_back(std::move(samples));
    }
  }
  if (warming_up_) {
    ++data_.warm_up_rounds;
    warming_up_ = !Warm();
  } else {
    ++measured_;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LatencySample>> LatencyComparison::Time(
    const Cell& cell, int samples, const std::shared_ptr<batching::Cancellation>& cancellation) {
  const int batch = data_.batch_sizes[cell.size];
  const std::span<const Variant> variant = std::span(variants_).subspan(cell.variant, 1);
  const std::string all_outputs;
  std::vector<LatencySample> timed;
  for (int i = 0; i < samples; ++i) {
    // The same rows for all variants of a round, others in the next sample.
    const int first = static_cast<int>((int64_t{i} * batch) % (input_rows_ - batch + 1));
    const std::vector<TimedAnswer> answers =
        RunRows(core_, variant, inputs_, {.first = first, .count = batch},
                std::span(&all_outputs, 1), cancellation);
    const TimedAnswer& answer = answers.front();
    if (!answer.response.ok()) return InContext(variant[0], answer.response.status());
    timed.push_back(SampleOf(answer));
  }
  return timed;
}

// Gives the cell its share of the time: all cells together get what the limit leaves to the rounds.
void LatencyComparison::Plan(Cell& cell, const std::vector<LatencySample>& samples) const {
  constexpr double kMeasuring = 0.7;  // Of the limit; the rest is for warm-up and what waits.
  const double typical = MedianServed(samples);
  cell.warm_up_medians.push_back(typical);
  const double share = kMeasuring * static_cast<double>(time_limit_.count()) /
                       static_cast<double>(rounds_) / static_cast<double>(cells_.size());
  cell.samples =
      static_cast<int>(std::clamp(share / typical, double{kFewestSamples}, double{kMostSamples}));
}

LatencyRounds& LatencyComparison::RoundsOf(const Cell& cell) {
  return cell.repeat ? data_.repeated_baseline[cell.size] : data_.rounds[cell.size][cell.variant];
}

bool LatencyComparison::Warm() const {
  if (data_.warm_up_rounds >= kMostWarmUpRounds) return true;
  return std::ranges::all_of(cells_, [](const Cell& cell) {
    const auto& medians = cell.warm_up_medians;
    if (medians.size() < kSteadyRounds) return false;
    const auto [least, most] = std::minmax_element(medians.end() - kSteadyRounds, medians.end());
    return *most < *least * (1 + kSteady);
  });
}

v1::LatencyProgress LatencyComparison::progress() const {
  v1::LatencyProgress progress;
  progress.set_measured_rounds(measured_);
  progress.set_rounds(rounds_);
  progress.set_warm_up_rounds(data_.warm_up_rounds);
  return progress;
}

absl::Status LatencyComparison::FillReport(v1::LatencyReport& report) const {
  if (measured_ < kFewestRounds) {
    return absl::DeadlineExceededError(
        fmt::format("time_limit was over after {} measured rounds; a report needs {}", measured_,
                    kFewestRounds));
  }
  FillLatencyReport(data_, settings_, report);
  for (v1::LatencyCell& cell : *report.mutable_cells()) {
    const auto variant = std::ranges::find(variants_, cell.variant(), &Variant::name);
    FillModelRef(*variant->model->ref, cell);
  }
  WarnOfVariants(variants_, *report.mutable_warnings());
  if (measured_ < rounds_) {
    report.add_warnings(
        fmt::format("time_limit was over after {} of {} rounds", measured_, rounds_));
  }
  return absl::OkStatus();
}

}  // namespace actium::compare
