#include "server/compare/score.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace actium::compare {

int Predict(std::span<const double> scores) {
  const auto finite = [](double score) { return std::isfinite(score); };
  if (!std::ranges::all_of(scores, finite)) return kNoClass;
  return static_cast<int>(std::ranges::max_element(scores) - scores.begin());
}

int Rank(std::span<const double> scores, int of) {
  const double own = scores[static_cast<size_t>(of)];
  int rank = 0;
  for (int i = 0; i < static_cast<int>(scores.size()); ++i) {
    const double other = scores[static_cast<size_t>(i)];
    if (other > own || (other == own && i < of)) ++rank;
  }
  return rank;
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
