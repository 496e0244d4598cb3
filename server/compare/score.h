#ifndef ACTIUM_SERVER_COMPARE_SCORE_H_
#define ACTIUM_SERVER_COMPARE_SCORE_H_

#include <span>

namespace actium::compare {

/// What a model's scores are.
enum class ScoreKind {
  kLogits,         ///< Any real numbers; softmax makes them probabilities.
  kProbabilities,  ///< Probabilities of the classes.
};

/// What the scores of one example say of its class.
struct Prediction {
  int predicted = -1;  ///< Class of the largest score, the first of equals; -1: one is not finite.
  int rank = 0;  ///< Classes before the label: 0 if it is the prediction. Not set without one.
};

/// Ranks the label among the classes. scores: one for each class, at least one; label: [0,
/// classes). Of equal scores the lower class comes first.
Prediction Predict(std::span<const double> scores, int label);

/// Turns logits into probabilities: softmax in float64, shifted by the largest so that it does not
/// overflow. Those that are not finite give some that are not.
void Softmax(std::span<double> scores);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SCORE_H_
