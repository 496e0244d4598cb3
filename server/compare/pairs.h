#ifndef ACTIUM_SERVER_COMPARE_PAIRS_H_
#define ACTIUM_SERVER_COMPARE_PAIRS_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace actium::compare {

/// Two variants by their places: the second is what the first is compared with.
using Pair = std::pair<size_t, size_t>;

/// Returns what is compared: each variant with the baseline, or each with all before it.
inline std::vector<Pair> PairsOf(size_t variants, size_t baseline, bool all_pairs) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < variants; ++i) {
    if (!all_pairs) {
      if (i != baseline) pairs.emplace_back(i, baseline);
      continue;
    }
    for (size_t j = 0; j < i; ++j) pairs.emplace_back(i, j);
  }
  return pairs;
}

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_PAIRS_H_
