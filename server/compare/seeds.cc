#include "server/compare/seeds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/compare/accuracy.h"
#include "server/compare/seeds_report.h"
#include "server/compare/setting.h"
#include "server/compare/variants.h"

namespace actium::compare {
namespace {

constexpr size_t kMostNameBytes = 256;

absl::Status CheckShape(const v1::SeedPredictions& predictions, size_t examples) {
  const std::string& name = predictions.variant();
  if (name.empty() || name.size() > kMostNameBytes) {
    return absl::InvalidArgumentError(
        fmt::format("variant must have 1 to {} bytes, got {}", kMostNameBytes, name.size()));
  }
  const auto predicted = static_cast<size_t>(predictions.predicted_size());
  if (predicted != examples) {
    return absl::InvalidArgumentError(fmt::format(
        "predicted must be one for each of the {} labels, got {}", examples, predicted));
  }
  const auto probabilities = static_cast<size_t>(predictions.probability_size());
  if (probabilities != 0 && probabilities != examples) {
    return absl::InvalidArgumentError(
        fmt::format("probability must be none, or one for each of the {} labels, got {}", examples,
                    probabilities));
  }
  for (const float probability : predictions.probability()) {
    if (probability >= 0 && probability <= 1) continue;
    return absl::InvalidArgumentError(
        fmt::format("probability must be in [0, 1], got {}", probability));
  }
  return absl::OkStatus();
}

SeedScore ScoreOf(const v1::SeedPredictions& predictions, std::span<const int32_t> labels) {
  int64_t right = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    right += predictions.predicted(static_cast<int>(i)) == labels[i] ? 1 : 0;
  }
  double sum = 0;
  for (const float probability : predictions.probability()) sum += static_cast<double>(probability);
  const auto count = static_cast<double>(labels.size());
  return {.accuracy = static_cast<double>(right) / count,
          .mean_confidence = predictions.probability_size() == 0
                                 ? std::numeric_limits<double>::quiet_NaN()
                                 : sum / count};
}

}  // namespace

absl::StatusOr<SeedsComparison> SeedsComparison::Make(const v1::SeedsSetup& setup) {
  SeedsComparison comparison;
  if (setup.labels_size() < 1 || setup.labels_size() > kMostExamples) {
    return absl::InvalidArgumentError(
        fmt::format("labels must be 1 to {}, got {}", kMostExamples, setup.labels_size()));
  }
  comparison.labels_.assign(setup.labels().begin(), setup.labels().end());
  if (const int32_t least = std::ranges::min(comparison.labels_); least < 0) {
    return absl::InvalidArgumentError(fmt::format("labels must be at least 0, got {}", least));
  }
  comparison.baseline_ = setup.baseline();
  comparison.all_pairs_ = setup.all_pairs();
  ACTIUM_ASSIGN_OR_RETURN(comparison.confidence_,
                          Setting("confidence", setup.confidence(), 0.95, 0.5, 0.9999));
  ACTIUM_ASSIGN_OR_RETURN(comparison.margin_, Setting("margin", setup.margin(), 0.01, 1e-9, 0.999));
  return comparison;
}

absl::Status SeedsComparison::Add(const v1::SeedPredictions& predictions) {
  ACTIUM_RETURN_IF_ERROR(CheckShape(predictions, labels_.size()));
  const std::string shown = base::Quote(predictions.variant());
  auto variant = std::ranges::find(variants_, predictions.variant(), &SeedRuns::variant);
  if (variant == variants_.end()) {
    if (variants_.size() == static_cast<size_t>(kMostVariants)) {
      return absl::InvalidArgumentError(
          fmt::format("variant: at most {} different ones, {} is one more", kMostVariants, shown));
    }
    variant = variants_.insert(variant, {.variant = predictions.variant(), .by_seed = {}});
  }
  if (variant->by_seed.size() == kMostSeeds) {
    return absl::InvalidArgumentError(
        fmt::format("seed: at most {} of a variant, {} has one more", kMostSeeds, shown));
  }
  const auto [at, is_new] =
      variant->by_seed.try_emplace(predictions.seed(), ScoreOf(predictions, labels_));
  if (is_new) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("seed {} of {} is there twice", predictions.seed(), shown));
}

absl::StatusOr<size_t> SeedsComparison::FindBaseline() const {
  if (variants_.size() < 2) {
    return absl::InvalidArgumentError(fmt::format(
        "predictions: a comparison needs at least 2 variants, got {}", variants_.size()));
  }
  if (baseline_.empty()) return size_t{0};
  const auto found = std::ranges::find(variants_, baseline_, &SeedRuns::variant);
  if (found != variants_.end()) return static_cast<size_t>(found - variants_.begin());
  return absl::InvalidArgumentError(
      fmt::format("baseline must be one of the variants, got {}", base::Quote(baseline_)));
}

absl::Status SeedsComparison::FillReport(v1::SeedsReport& report) const {
  ACTIUM_ASSIGN_OR_RETURN(const size_t baseline, FindBaseline());
  report.set_examples(std::ssize(labels_));
  report.set_confidence(confidence_);
  report.set_margin(margin_);
  FillSeedsReport(variants_, baseline, all_pairs_, report);
  return absl::OkStatus();
}

}  // namespace actium::compare
