#ifndef ACTIUM_SERVER_COMPARE_TALLY_H_
#define ACTIUM_SERVER_COMPARE_TALLY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/compare/score.h"
#include "server/stats/calibration.h"

namespace actium::compare {

/// Bins of a reliability diagram (Guo et al. 2017 use so many).
inline constexpr int kReliabilityBins = 15;

/// A confusion matrix is kept for so many classes at most; it has their square of cells.
inline constexpr int kMostConfusionClasses = 256;

/// What one variant made of the examples so far. Memory does not grow with them, but for one class
/// and one confidence each.
class Tally {
 public:
  /// classes >= 2; top_k in [1, classes].
  Tally(int classes, int top_k, ScoreKind kind);

  /// Counts an example. scores: one for each class; overwritten. label: [0, classes), or kNoClass:
  /// then nothing is counted of being right. Scores that are not finite are a wrong answer.
  void Add(std::span<double> scores, int label);

  int64_t examples() const { return static_cast<int64_t>(predicted_.size()); }
  int64_t correct() const { return correct_; }
  int64_t correct_in_top_k() const { return correct_in_top_k_; }
  int64_t non_finite() const { return non_finite_; }

  /// Mean probability of the predicted class; NaN without any prediction.
  double mean_confidence() const;

  /// Over the examples with finite scores and a label.
  stats::CalibrationReport calibration() const { return calibration_.Report(); }

  /// classes x classes, row-major: row the label, column the prediction. Examples without a
  /// prediction are in no cell. Empty above kMostConfusionClasses.
  const std::vector<int64_t>& confusion() const { return confusion_; }

  /// Of each class: its examples, and those that were predicted so.
  const std::vector<int64_t>& of_class() const { return of_class_; }
  const std::vector<int64_t>& correct_of_class() const { return correct_of_class_; }

  /// Of each example: the predicted class and its probability; -1 and 0 without a prediction.
  const std::vector<int32_t>& predicted() const { return predicted_; }
  const std::vector<float>& confidence() const { return confidence_; }

 private:
  // Counts how right a prediction is.
  void Judge(std::span<const double> probabilities, int label, int predicted);

  int classes_;
  int top_k_;
  ScoreKind kind_;
  int64_t correct_ = 0;
  int64_t correct_in_top_k_ = 0;
  int64_t non_finite_ = 0;
  double confidence_sum_ = 0;
  stats::Calibration calibration_{kReliabilityBins};
  std::vector<int64_t> confusion_;
  std::vector<int64_t> of_class_;
  std::vector<int64_t> correct_of_class_;
  std::vector<int32_t> predicted_;
  std::vector<float> confidence_;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_TALLY_H_
