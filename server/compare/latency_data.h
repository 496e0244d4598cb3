#ifndef ACTIUM_SERVER_COMPARE_LATENCY_DATA_H_
#define ACTIUM_SERVER_COMPARE_LATENCY_DATA_H_

#include <string>
#include <vector>

namespace actium::compare {

/// One timed batch, nanoseconds.
struct LatencySample {
  double served = 0;  ///< From the server's core to the answer.
  double queue = 0;
  double gather = 0;
  double compute = 0;  ///< The engine's run.
  double scatter = 0;
};

/// Samples of one variant at one batch size, by round; none of the rounds is empty.
using LatencyRounds = std::vector<std::vector<LatencySample>>;

/// What a latency comparison measured, as the report takes it: from a server, or from a test.
struct LatencyData {
  std::vector<std::string> variants;  ///< Names, >= 2.
  int baseline = 0;                   ///< Its place among them.
  std::vector<int> batch_sizes;       ///< >= 1.
  /// [batch size][variant]: equally many rounds in all, at least 3.
  std::vector<std::vector<LatencyRounds>> rounds;
  /// [batch size]: the baseline, measured a second time in each round.
  std::vector<LatencyRounds> repeated_baseline;
  int warm_up_rounds = 0;
};

/// What is asked of the measurements.
struct LatencySettings {
  double confidence = 0.95;
  double margin = 0.03;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_LATENCY_DATA_H_
