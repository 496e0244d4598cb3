#ifndef ACTIUM_SERVER_COMPARE_LATENCY_DATA_H_
#define ACTIUM_SERVER_COMPARE_LATENCY_DATA_H_

#include <string>
#include <vector>

namespace actium::compare {

/// What is timed of each variant.
struct LatencyPoint {
  int batch_size = 1;   ///< Rows of a batch, >= 1.
  int concurrency = 1;  ///< Batches that are sent at once, >= 1.
};

/// One timed batch, nanoseconds.
struct LatencySample {
  double served = 0;  ///< From the server's core to the answer.
  double queue = 0;
  double gather = 0;
  double compute = 0;  ///< The engine's run.
  double scatter = 0;
  double all_answered = 0;  ///< From sending the batches that were sent at once to the last answer.
};

/// Samples of one variant at one point, by round; none of the rounds is empty.
using LatencyRounds = std::vector<std::vector<LatencySample>>;

/// What a latency comparison measured, as the report takes it: from a server, or from a test.
struct LatencyData {
  std::vector<std::string> variants;  ///< Names, >= 2.
  int baseline = 0;                   ///< Its place among them.
  std::vector<LatencyPoint> points;   ///< >= 1.
  /// [point][variant]: equally many rounds in all, at least 3.
  std::vector<std::vector<LatencyRounds>> rounds;
  /// [point]: the baseline, measured a second time in each round.
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
