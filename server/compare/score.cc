#include "server/compare/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace actium::compare {

Prediction Predict(std::span<const double> scores, int label) {
  Prediction prediction;
  const auto finite = [](double score) { return std::isfinite(score); };
  if (!std::ranges::all_of(scores, finite)) return prediction;

  prediction.predicted = static_cast<int>(std::ranges::max_element(scores) - scores.begin());
  const double own = scores[static_cast<size_t>(label)];
  for (int i = 0; i < static_cast<int>(scores.size()); ++i) {
    const double other = scores[static_cast<size_t>(i)];
    if (other > own || (other == own && i < label)) ++prediction.rank;
  }
  return prediction;
}

void Softmax(std::span<double> scores) {
  const double largest = *std::ranges::max_element(scores);
  double sum = 0;
  for (double& score : scores) {
    score = std::exp(score - largest);
    sum += score;
  }
  for (double& score : scores) score /= sum;
}

}  // namespace actium::compare
