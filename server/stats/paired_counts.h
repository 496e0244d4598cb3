#ifndef ACTIUM_SERVER_STATS_PAIRED_COUNTS_H_
#define ACTIUM_SERVER_STATS_PAIRED_COUNTS_H_

#include <cstdint>

namespace actium::stats {

/// How two models answered the same labelled examples: a 2x2 table. Every count is >= 0.
struct PairedCounts {
  int64_t both_right = 0;
  int64_t first_only = 0;   ///< Only the first model was right.
  int64_t second_only = 0;  ///< Only the second model was right.
  int64_t both_wrong = 0;

  int64_t total() const { return both_right + first_only + second_only + both_wrong; }
  /// Examples of which exactly one model was right: all that tells the models apart.
  int64_t discordant() const { return first_only + second_only; }
  /// Accuracy of the first less that of the second, in [-1, 1]; 0 without examples.
  double difference() const {
    return total() == 0
               ? 0.0
               : static_cast<double>(first_only - second_only) / static_cast<double>(total());
  }
};

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_PAIRED_COUNTS_H_
