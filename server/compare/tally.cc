#include "server/compare/tally.h"

#include <cstddef>

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
  const auto row = static_cast<size_t>(label);
  const Prediction prediction = Predict(scores, label);
  ++of_class_[row];
  predicted_.push_back(prediction.predicted);
  if (prediction.predicted < 0) {
    ++non_finite_;
    confidence_.push_back(0);
    return;
  }
  if (kind_ == ScoreKind::kLogits) Softmax(scores);
  calibration_.Add(scores, label);
  const auto column = static_cast<size_t>(prediction.predicted);
  confidence_.push_back(static_cast<float>(scores[column]));
  if (!confusion_.empty()) ++confusion_[row * static_cast<size_t>(classes_) + column];
  if (prediction.rank < top_k_) ++correct_in_top_k_;
  if (prediction.predicted != label) return;
  ++correct_;
  ++correct_of_class_[row];
}

}  // namespace actium::compare
