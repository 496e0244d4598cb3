#include "server/compare/latency.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <string_view>
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
constexpr size_t kMostBatchSizes = 16;
constexpr size_t kMostConcurrencies = 8;
constexpr int kMostConcurrency = 64;

// Warm-up is over when the last so many medians differ by less than this, or after the most rounds.
constexpr size_t kSteadyRounds = 3;
constexpr double kSteady = 0.02;
constexpr int kMostWarmUpRounds = 10;

// How often one variant is timed in a round: of fewer the median says little, more gain nothing.
constexpr int kFewestSamples = 5;
constexpr int kMostSamples = 101;

// All are kept until the report, 48 bytes each.
constexpr int64_t kMostTimings = 4'000'000;

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

// Reads a list of different numbers in [1, most]; 1 if it is empty.
absl::StatusOr<std::vector<int>> ReadList(std::string_view field, std::span<const int32_t> given,
                                          size_t longest, int most) {
  if (given.empty()) return std::vector<int>{1};
  if (given.size() > longest || std::set(given.begin(), given.end()).size() < given.size()) {
    return absl::InvalidArgumentError(
        fmt::format("{} must be at most {} different ones", field, longest));
  }
  for (const int32_t number : given) {
    if (number >= 1 && number <= most) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} must be in [1, {}], got {}", field, most, number));
  }
  return std::vector<int>(given.begin(), given.end());
}

std::span<const int32_t> SpanOf(const google::protobuf::RepeatedField<int32_t>& field) {
  return {field.data(), static_cast<size_t>(field.size())};
}

double TypicalTime(const std::vector<LatencySample>& samples) {
  std::vector<double> times;
  for (const LatencySample& sample : samples) times.push_back(sample.all_answered);
  return Median(times);
}

LatencySample SampleOf(const TimedAnswer& answer, std::chrono::nanoseconds all_answered) {
  // At least one: ratios are taken, and an engine may report less than its clock can tell.
  const auto ns = [](std::chrono::nanoseconds time) {
    return std::max(1.0, static_cast<double>(time.count()));
  };
  const observe::StageTimes& stages = answer.response->stages;
  return {.served = ns(answer.took),
          .queue = ns(stages.queue),
          .gather = ns(stages.gather),
          .compute = ns(stages.compute),
          .scatter = ns(stages.scatter),
          .all_answered = ns(all_answered)};
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
  if (comparison->MostSamples() < kFewestSamples) {
    return absl::InvalidArgumentError(fmt::format(
        "variants, batch_sizes, concurrencies and rounds ask for at least {} timings, at most {} "
        "are "
        "kept",
        comparison->TimingsAtOnce() * comparison->rounds_ * kFewestSamples, kMostTimings));
  }
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
  ACTIUM_RETURN_IF_ERROR(ReadPoints(request));
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

  const int largest =
      std::ranges::max_element(data_.points, {}, &LatencyPoint::batch_size)->batch_size;
  if (input_rows_ == 0) {
    ACTIUM_ASSIGN_OR_RETURN(inputs_, MakeUpInputs(variants_.front().model->signature, largest));
    input_rows_ = largest;
  }
  if (input_rows_ >= largest) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "inputs must have at least as many rows as the largest of batch_sizes, {}, got {}", largest,
      input_rows_));
}

absl::Status LatencyComparison::ReadPoints(const v1::CompareLatencyRequest& request) {
  ACTIUM_ASSIGN_OR_RETURN(const auto sizes,
                          ReadList("batch_sizes", SpanOf(request.batch_sizes()), kMostBatchSizes,
                                   LeastMaxBatchSize(variants_)));
  ACTIUM_ASSIGN_OR_RETURN(const auto concurrencies,
                          ReadList("concurrencies", SpanOf(request.concurrencies()),
                                   kMostConcurrencies, kMostConcurrency));
  for (const int concurrency : concurrencies) {
    for (const int size : sizes) {
      data_.points.push_back({.batch_size = size, .concurrency = concurrency});
    }
  }
  return absl::OkStatus();
}

void LatencyComparison::MakeCells() {
  data_.rounds.assign(data_.points.size(), std::vector<LatencyRounds>(variants_.size()));
  data_.repeated_baseline.resize(data_.points.size());
  for (size_t point = 0; point < data_.points.size(); ++point) {
    for (size_t variant = 0; variant < variants_.size(); ++variant) {
      cells_.push_back({.point = point, .variant = variant, .warm_up_medians = {}});
    }
    cells_.push_back({.point = point,
                      .variant = static_cast<size_t>(data_.baseline),
                      .repeat = true,
                      .warm_up_medians = {}});
  }
}

bool LatencyComparison::finished() const { return measured_ == rounds_ || TimeIsOver(); }

absl::Status LatencyComparison::RunRound(
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  std::shuffle(cells_.begin(), cells_.end(), random_);
  std::vector<std::vector<LatencySample>> round;
  std::vector<base::Duration> costs;  // Of one sample of each cell, with the rest after it.
  for (const Cell& cell : cells_) {
    if (TimeIsOver()) return absl::OkStatus();  // What the round has so far does not count.
    const int count = warming_up_ ? kFewestSamples : cell.samples;
    const base::TimePoint begin = clock_.Now();
    ACTIUM_ASSIGN_OR_RETURN(round.emplace_back(), Time(cell, count, cancellation));
    costs.push_back((clock_.Now() - begin) / count);
  }
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (warming_up_) {
      Plan(cells_[i], round[i], costs[i]);
    } else {
      RoundsOf(cells_[i]).push_back(std::move(round[i]));
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
  const int batch = data_.points[cell.point].batch_size;
  std::vector<LatencySample> timed;
  for (int i = 0; i < samples; ++i) {
    // The same rows for all variants of a round, others in the next sample.
    const int first = static_cast<int>((int64_t{i} * batch) % (input_rows_ - batch + 1));
    ACTIUM_RETURN_IF_ERROR(TimeOnce(cell, first, cancellation, timed));
  }
  return timed;
}

// Adds a sample of each batch that is sent at once.
absl::Status LatencyComparison::TimeOnce(
    const Cell& cell, int first_row, const std::shared_ptr<batching::Cancellation>& cancellation,
    std::vector<LatencySample>& samples) {
  const LatencyPoint& point = data_.points[cell.point];
  const auto count = static_cast<size_t>(point.concurrency);
  const std::vector<Variant> copies(count, variants_[cell.variant]);
  const std::vector<std::string> all_outputs(count);
  const base::TimePoint begin = clock_.Now();
  const std::vector<TimedAnswer> answers =
      RunRows(core_, copies, inputs_, {.first = first_row, .count = point.batch_size}, all_outputs,
              cancellation, count == 1 ? Batching::kAlone : Batching::kAsClients);
  const std::chrono::nanoseconds all = clock_.Now() - begin;
  for (const TimedAnswer& answer : answers) {
    if (!answer.response.ok()) return InContext(copies.front(), answer.response.status());
    samples.push_back(SampleOf(answer, all));
  }
  pace_.Rest(all, cancellation);
  return absl::OkStatus();
}

// Gives the cell its share of the time: all cells together get what the limit leaves to the rounds.
// cost: the time that a sample takes of the limit.
void LatencyComparison::Plan(Cell& cell, const std::vector<LatencySample>& samples,
                             base::Duration cost) const {
  constexpr double kMeasuring = 0.7;  // Of the limit; the rest is for warm-up and what waits.
  cell.warm_up_medians.push_back(TypicalTime(samples));
  const double share = kMeasuring * static_cast<double>(time_limit_.count()) /
                       static_cast<double>(rounds_) / static_cast<double>(cells_.size());
  cell.samples =
      static_cast<int>(std::clamp(share / static_cast<double>(cost.count()), double{kFewestSamples},
                                  static_cast<double>(MostSamples())));
}

// Timings of one sample of every cell.
int64_t LatencyComparison::TimingsAtOnce() const {
  int64_t timings = 0;
  for (const Cell& cell : cells_) timings += data_.points[cell.point].concurrency;
  return timings;
}

// Samples of a cell in a round at most.
int LatencyComparison::MostSamples() const {
  const int64_t fit = kMostTimings / (TimingsAtOnce() * rounds_);
  return static_cast<int>(std::min<int64_t>(kMostSamples, fit));
}

LatencyRounds& LatencyComparison::RoundsOf(const Cell& cell) {
  return cell.repeat ? data_.repeated_baseline[cell.point] : data_.rounds[cell.point][cell.variant];
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
