#include "server/stats/calibration.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "server/base/status_macros.h"

namespace actium::stats {
namespace {

constexpr double kSmallestProbability = 1e-12;

double SquaredError(std::span<const double> probabilities, size_t label) {
  double sum = 0.0;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double error = probabilities[i] - (i == label ? 1.0 : 0.0);
    sum += error * error;
  }
  return sum;
}

}  // namespace

Calibration::Calibration(int bins) {
  ACTIUM_CHECK(bins >= 1);
  bins_.resize(static_cast<size_t>(bins));
}

void Calibration::Add(std::span<const double> probabilities, int label) {
  const auto expected = static_cast<size_t>(label);
  ACTIUM_CHECK(label >= 0 && expected < probabilities.size());
  if (!std::all_of(probabilities.begin(), probabilities.end(),
                   [](double p) { return std::isfinite(p) && p >= 0.0; })) {
    ++invalid_;
    return;
  }
  const auto largest = std::max_element(probabilities.begin(), probabilities.end());
  const auto predicted = static_cast<size_t>(std::distance(probabilities.begin(), largest));
  Bin& bin = BinOf(*largest);
  ++bin.examples;
  bin.confidence_sum += *largest;
  if (predicted == expected) ++bin.right;
  ++examples_;
  log_loss_sum_ -= std::log(std::max(probabilities[expected], kSmallestProbability));
  brier_sum_ += SquaredError(probabilities, expected);
}

Calibration::Bin& Calibration::BinOf(double confidence) {
  const auto bins = static_cast<double>(bins_.size());
  const double index = std::ceil(confidence * bins) - 1.0;
  return bins_[static_cast<size_t>(std::clamp(index, 0.0, bins - 1.0))];
}

CalibrationReport Calibration::Report() const {
  CalibrationReport report = {.examples = examples_, .invalid = invalid_};
  const auto width = 1.0 / static_cast<double>(bins_.size());
  const double n = std::max(1.0, static_cast<double>(examples_));
  for (const Bin& bin : bins_) {
    const auto index = static_cast<double>(report.bins.size());
    ReliabilityBin& shown = report.bins.emplace_back();
    shown = {.lower = index * width, .upper = (index + 1.0) * width, .examples = bin.examples};
    if (bin.examples == 0) continue;
    const auto size = static_cast<double>(bin.examples);
    shown.mean_confidence = bin.confidence_sum / size;
    shown.accuracy = static_cast<double>(bin.right) / size;
    const double gap = std::abs(shown.accuracy - shown.mean_confidence);
    report.accuracy += static_cast<double>(bin.right) / n;
    report.expected_calibration_error += size / n * gap;
    report.maximum_calibration_error = std::max(report.maximum_calibration_error, gap);
  }
  report.negative_log_likelihood = log_loss_sum_ / n;
  report.brier_score = brier_sum_ / n;
  return report;
}

}  // namespace actium::stats
