#ifndef ACTIUM_SERVER_COMPARE_SEEDS_H_
#define ACTIUM_SERVER_COMPARE_SEEDS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"

namespace actium::compare {

/// Training seeds of one variant in a comparison at most.
inline constexpr size_t kMostSeeds = 1000;

/// What one checkpoint is worth.
struct SeedScore {
  double accuracy = 0;
  double mean_confidence = 0;  ///< Of its predictions; NaN if none is known.
};

/// A variant over its training seeds.
struct SeedRuns {
  std::string variant;
  std::map<uint64_t, SeedScore> by_seed;
};

/// Says what training seeds show of the variants. Memory does not grow with the examples of a
/// checkpoint, once it is counted. Used by one thread.
class SeedsComparison {
 public:
  /// Errors: INVALID_ARGUMENT (names a field of the setup).
  static absl::StatusOr<SeedsComparison> Make(const v1::SeedsSetup& setup);

  /// Counts one checkpoint.
  ///
  /// Errors: INVALID_ARGUMENT (predictions that are not one for each label, a probability outside
  /// of [0, 1], a variant's seed a second time, too many variants or seeds); it is not counted
  /// then.
  absl::Status Add(const v1::SeedPredictions& predictions);

  /// Says what the checkpoints show.
  ///
  /// Errors: INVALID_ARGUMENT if there are fewer than two variants, or the baseline is none of
  /// them.
  absl::Status FillReport(v1::SeedsReport& report) const;

 private:
  SeedsComparison() = default;

  absl::StatusOr<size_t> FindBaseline() const;

  std::vector<int32_t> labels_;
  std::string baseline_;
  bool all_pairs_ = false;
  double confidence_ = 0.95;
  double margin_ = 0.01;
  std::vector<SeedRuns> variants_;  // In the order in which they came.
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SEEDS_H_
