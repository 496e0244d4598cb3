#ifndef ACTIUM_SERVER_STATS_CALIBRATION_H_
#define ACTIUM_SERVER_STATS_CALIBRATION_H_

#include <cstdint>
#include <span>
#include <vector>

namespace actium::stats {

/// The examples whose confidence lies in (lower, upper]; of the first bin, in [0, upper].
struct ReliabilityBin {
  double lower = 0.0;
  double upper = 0.0;
  int64_t examples = 0;
  double mean_confidence = 0.0;  ///< 0 without examples, as accuracy.
  double accuracy = 0.0;
};

/// How good a model's probabilities are, over the examples that have finite ones. All is 0 without
/// such examples.
struct CalibrationReport {
  int64_t examples = 0;
  /// Examples left out: a probability was NaN, infinite or negative.
  int64_t invalid = 0;
  double accuracy = 0.0;  ///< Of the class with the largest probability, in [0, 1].
  /// Mean of -ln(probability of the label), in nats; a probability below 1e-12 counts as that, so a
  /// certain mistake costs 27.6.
  double negative_log_likelihood = 0.0;
  /// Mean over examples of the sum over classes of (probability - [class is the label])^2, in
  /// [0, 2]. Source: G. W. Brier, Mon. Weather Rev. 78 (1950) 1.
  double brier_score = 0.0;
  /// Mean over examples of the gap |accuracy - mean confidence| of their bin, and the largest gap.
  /// Depends on the bins, and is above 0 for a perfectly calibrated model: compare it between
  /// models of equally many examples only.
  /// Source: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
  double expected_calibration_error = 0.0;
  double maximum_calibration_error = 0.0;
  std::vector<ReliabilityBin> bins = {};  ///< By ascending confidence.
};

/// Adds up a model's predictions, one labelled example at a time, in constant memory. Not
/// thread-safe.
class Calibration {
 public:
  /// bins: of equal width over [0, 1], >= 1; 15 is usual.
  explicit Calibration(int bins);

  /// Counts an example.
  ///
  /// probabilities: one for each class, as softmax gives them; not empty. The prediction is the
  /// largest, the first of equals, and its probability is the confidence.
  /// label: in [0, classes).
  void Add(std::span<const double> probabilities, int label);

  CalibrationReport Report() const;

 private:
  struct Bin {
    int64_t examples = 0;
    int64_t right = 0;
    double confidence_sum = 0.0;
  };

  Bin& BinOf(double confidence);

  std::vector<Bin> bins_;
  int64_t examples_ = 0;
  int64_t invalid_ = 0;
  double log_loss_sum_ = 0.0;
  double brier_sum_ = 0.0;
};

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_CALIBRATION_H_
