#ifndef ACTIUM_SERVER_COMPARE_SCORE_H_
#define ACTIUM_SERVER_COMPARE_SCORE_H_

#include <span>

namespace actium::compare {

/// What a model's scores are.
enum class ScoreKind {
  kLogits,         ///< Any real numbers; softmax makes them probabilities.
  kProbabilities,  ///< Probabilities of the classes.
};

/// A label or a prediction that there is none.
inline constexpr int kNoClass = -1;

/// Returns the class of the largest score, the lowest of equals; kNoClass if a score is not finite.
/// scores: one for each class, at least one.
int Predict(std::span<const double> scores);

/// Returns how many classes come before a class: those of larger scores, and lower ones of equal
/// scores; 0 for the prediction. scores: finite. of: [0, classes).
int Rank(std::span<const double> scores, int of);

/// Turns logits into probabilities: softmax in float64, shifted by the largest so that it does not
/// overflow. Those that are not finite give some that are not.
void Softmax(std::span<double> scores);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SCORE_H_
