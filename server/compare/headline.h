#ifndef ACTIUM_SERVER_COMPARE_HEADLINE_H_
#define ACTIUM_SERVER_COMPARE_HEADLINE_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "actium/v1/comparison.pb.h"
#include "fmt/format.h"

namespace actium::compare {

/// Lists contrasts by verdict, as "faster: relu (...), tanh (...); undecided: mish (...)".
///
/// words: pairs of a verdict and its word, in the order in which they are told. tell: what is said
/// of a contrast; empty: nothing.
template <class Contrasts, class Words, class Tell>
std::string ListByVerdict(const Contrasts& contrasts, const Words& words, const Tell& tell) {
  std::string text;
  for (const auto& [verdict, word] : words) {
    bool first = true;
    for (const auto& contrast : contrasts) {
      const std::string told = contrast.verdict() == verdict ? tell(contrast) : std::string();
      if (told.empty()) continue;
      const std::string_view separator = text.empty() ? "" : "; ";
      text += first ? fmt::format("{}{}: {}", separator, word, told) : ", " + told;
      first = false;
    }
  }
  return text;
}

/// Sums up contrasts of accuracy. Contrasts: AccuracyContrast or SeedContrast.
/// basis: what they were observed on, as "10000 examples".
template <class Contrasts>
std::string AccuracyHeadline(const Contrasts& contrasts, const std::string& baseline,
                             bool all_pairs, const std::string& basis) {
  if (all_pairs) {
    const auto decided = std::ranges::count_if(contrasts, [](const auto& contrast) {
      return contrast.verdict() != v1::ACCURACY_VERDICT_UNDECIDED;
    });
    return fmt::format("{} of {} pairs are decided on {}", decided, contrasts.size(), basis);
  }
  static constexpr std::pair<v1::AccuracyVerdict, std::string_view> kWords[] = {
      {v1::ACCURACY_VERDICT_BETTER, "more accurate"},
      {v1::ACCURACY_VERDICT_WORSE, "less accurate"},
      {v1::ACCURACY_VERDICT_EQUIVALENT, "equivalent"},
      {v1::ACCURACY_VERDICT_UNDECIDED, "undecided"}};
  const auto tell = [](const auto& contrast) {
    const v1::Estimate& difference = contrast.difference_simultaneous();
    return fmt::format("{} ({:+.2f} points, {:+.2f} to {:+.2f})", contrast.variant(),
                       100 * difference.value(), 100 * difference.lower(),
                       100 * difference.upper());
  };
  return fmt::format("against {} on {}: {}", baseline, basis,
                     ListByVerdict(contrasts, kWords, tell));
}

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_HEADLINE_H_
