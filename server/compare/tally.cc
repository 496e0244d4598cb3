#include "server/compare/tally.h"

#include <cstddef>
#include <limits>

namespace actium::compare {

Tally::Tally(int classes, int top_k, ScoreKind kind)
    : classes_(classes),
      top_k_(top_k),
      kind_(kind),
      of_class_(static_cast<size_t>(classes)),
      correct_of_class_(static_cast<size_t>(classes)) {
  if (classes <= kMostConfusionClasses) {
    confusion_.resize(static_cast<size_t>(classes) * static_cast<size_t>(classes));
  }
}

void Tally::Add(std::span<double> scores, int label) {
  const bool labelled = label != kNoClass;
  const int predicted = Predict(scores);
  if (labelled) ++of_class_[static_cast<size_t>(label)];
  predicted_.push_back(predicted);
  if (predicted == kNoClass) {
    ++non_finite_;
    confidence_.push_back(0);
    return;
  }
  if (labelled && Rank(scores, label) < top_k_) ++correct_in_top_k_;
  if (kind_ == ScoreKind::kLogits) Softmax(scores);
  const double confidence = scores[static_cast<size_t>(predicted)];
  confidence_.push_back(static_cast<float>(confidence));
  confidence_sum_ += confidence;
  if (labelled) Judge(scores, label, predicted);
}

void Tally::Judge(std::span<const double> probabilities, int label, int predicted) {
  const auto row = static_cast<size_t>(label);
  const auto column = static_cast<size_t>(predicted);
  calibration_.Add(probabilities, label);
  if (!confusion_.empty()) ++confusion_[row * static_cast<size_t>(classes_) + column];
  if (predicted != label) return;
  ++correct_;
  ++correct_of_class_[row];
}

double Tally::mean_confidence() const {
  const int64_t predictions = examples() - non_finite_;
  if (predictions == 0) return std::numeric_limits<double>::quiet_NaN();
  return confidence_sum_ / static_cast<double>(predictions);
}

}  // namespace actium::compare
