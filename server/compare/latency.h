#ifndef ACTIUM_SERVER_COMPARE_LATENCY_H_
#define ACTIUM_SERVER_COMPARE_LATENCY_H_

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"
#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/compare/latency_data.h"
#include "server/compare/pace.h"
#include "server/compare/variants.h"
#include "server/inference/inference_core.h"

namespace actium::compare {

/// Times variants against each other, round by round. Used by one thread; it waits for inferences.
///
/// A round times every variant once at every batch size and concurrency, and the baseline a second
/// time, in random order and on the same rows; a slow moment of the machine so meets all of them
/// alike, and what it does to the baseline shows how far the machine can be trusted.
class LatencyComparison {
 public:
  /// inputs: what the variants are timed on; without inputs they are made up. Its views outlive the
  /// comparison, as does core.
  ///
  /// Errors: those of PinVariants(); INVALID_ARGUMENT (names a field of the request).
  static absl::StatusOr<std::unique_ptr<LatencyComparison>> Make(
      inference::InferenceCore& core, const repository::ModelRepository& repository,
      const v1::CompareLatencyRequest& request, batching::InferRequest inputs);

  /// Whether enough has been measured, or the time is over.
  bool finished() const;

  /// Runs the next round: to warm up, until the last three medians of every variant differ by less
  /// than 2 % or ten rounds have passed, then to measure.
  ///
  /// cancellation: may be null. Errors: CANCELLED, and those of inference; the comparison is over
  /// then.
  absl::Status RunRound(const std::shared_ptr<batching::Cancellation>& cancellation);

  /// How far it has come.
  v1::LatencyProgress progress() const;

  /// Says what the rounds show. Errors: DEADLINE_EXCEEDED if there are fewer than 3.
  absl::Status FillReport(v1::LatencyReport& report) const;

 private:
  // What is timed once in a round.
  struct Cell {
    size_t point = 0;
    size_t variant = 0;  // Its own place, or the baseline's.
    bool repeat = false;
    int samples = 0;  // In a round; 0 until a run has been timed.
    std::vector<double> warm_up_medians;
  };

  LatencyComparison(inference::InferenceCore& core, std::vector<Variant> variants,
                    batching::InferRequest inputs, int input_rows);

  absl::Status ReadRequest(const v1::CompareLatencyRequest& request);
  void MakeCells();
  absl::Status ReadPoints(const v1::CompareLatencyRequest& request);
  absl::StatusOr<std::vector<LatencySample>> Time(
      const Cell& cell, int samples, const std::shared_ptr<batching::Cancellation>& cancellation);
  absl::Status TimeOnce(const Cell& cell, int first_row,
                        const std::shared_ptr<batching::Cancellation>& cancellation,
                        std::vector<LatencySample>& samples);
  void Plan(Cell& cell, const std::vector<LatencySample>& samples, base::Duration cost) const;
  LatencyRounds& RoundsOf(const Cell& cell);
  int64_t TimingsAtOnce() const;
  int MostSamples() const;
  bool Warm() const;
  bool TimeIsOver() const { return clock_.Now() - begin_ >= time_limit_; }

  inference::InferenceCore& core_;
  const std::vector<Variant> variants_;
  batching::InferRequest inputs_;
  int input_rows_;
  const base::Clock& clock_ = base::SteadyClock();
  const base::TimePoint begin_ = clock_.Now();
  const Pace pace_{core_, clock_};

  LatencySettings settings_;
  int rounds_ = 0;  // To measure.
  std::chrono::nanoseconds time_limit_{0};
  std::mt19937_64 random_;
  std::vector<Cell> cells_;
  LatencyData data_;
  int measured_ = 0;
  bool warming_up_ = true;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_LATENCY_H_
