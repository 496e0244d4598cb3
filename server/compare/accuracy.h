#ifndef ACTIUM_SERVER_COMPARE_ACCURACY_H_
#define ACTIUM_SERVER_COMPARE_ACCURACY_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"
#include "server/batching/request.h"
#include "server/compare/pace.h"
#include "server/compare/run_rows.h"
#include "server/compare/tally.h"
#include "server/compare/variants.h"
#include "server/inference/inference_core.h"

namespace actium::compare {

/// Most examples of one comparison: they are kept as a class and a confidence per variant, and a
/// label.
inline constexpr int64_t kMostExamples = 4'000'000;

/// Most bytes of an example's id.
inline constexpr size_t kMostIdBytes = 256;

/// The settings of a comparison with all defaults filled in.
struct AccuracySettings {
  int baseline = 0;
  bool all_pairs = false;
  double confidence = 0.95;
  int top_k = 0;  ///< 0 until the number of classes is known.
  double margin = 0.01;
  ScoreKind scores = ScoreKind::kLogits;
  int most_disagreements = 0;
  int batch_check = 256;  ///< Examples that are answered alone, too.
};

/// Classifies labelled examples with all variants and remembers what it needs for a report. Used by
/// one thread; it waits for inferences.
class AccuracyComparison {
 public:
  /// core outlives the comparison. Errors: those of PinVariants(); INVALID_ARGUMENT (names a field
  /// of the setup).
  static absl::StatusOr<std::unique_ptr<AccuracyComparison>> Make(
      inference::InferenceCore& core, const repository::ModelRepository& repository,
      const v1::AccuracySetup& setup);

  /// Classifies some examples.
  ///
  /// inputs: as RunRows() takes them. labels: of each row, or none for the examples of all calls.
  /// ids: of each row, or empty. cancellation: may be null. On error the comparison is over: some
  /// examples may be counted.
  /// Errors: INVALID_ARGUMENT (labels or ids that do not fit the rows or the classes, inputs that
  /// do not fit the models, answers that are no scores), RESOURCE_EXHAUSTED (beyond kMostExamples),
  /// CANCELLED, and those of inference.
  absl::Status Add(const batching::InferRequest& inputs, std::span<const int32_t> labels,
                   std::vector<std::string> ids,
                   const std::shared_ptr<batching::Cancellation>& cancellation);

  /// Examples so far.
  int64_t examples() const { return examples_; }

  /// Whether they are labelled.
  bool labelled() const { return labelled_; }

  /// Examples that were answered alone, too; and for each variant those of them that it predicted
  /// otherwise then.
  int64_t batch_checked() const { return batch_checked_; }
  const std::vector<int64_t>& batch_flips() const { return batch_flips_; }

  const std::vector<Variant>& variants() const { return variants_; }
  const AccuracySettings& settings() const { return settings_; }
  int classes() const { return classes_; }

  /// One for each variant; empty before the first example.
  const std::vector<Tally>& tallies() const { return tallies_; }

  /// Label and id of each example, in the order in which they came; empty if none was given.
  const std::vector<int32_t>& labels() const { return labels_; }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  AccuracyComparison(inference::InferenceCore& core, std::vector<Variant> variants,
                     std::vector<std::string> outputs, AccuracySettings settings)
      : core_(core),
        variants_(std::move(variants)),
        outputs_(std::move(outputs)),
        settings_(settings) {}

  absl::Status CheckLabels(std::span<const int32_t> labels, int rows) const;
  absl::StatusOr<std::vector<batching::InferResponse>> Answers(
      const batching::InferRequest& inputs, RowRange rows,
      const std::shared_ptr<batching::Cancellation>& cancellation);
  absl::Status AddRows(const batching::InferRequest& inputs, RowRange rows,
                       std::span<const int32_t> labels,
                       const std::shared_ptr<batching::Cancellation>& cancellation);
  absl::Status CheckAlone(const batching::InferRequest& inputs, RowRange rows,
                          const std::shared_ptr<batching::Cancellation>& cancellation);
  absl::Status LearnClasses(int classes);
  absl::Status CountAnswer(size_t variant, const batching::InferResponse& answer, int rows,
                           std::span<const int32_t> labels);
  int RowsAtOnce() const;

  inference::InferenceCore& core_;
  const Pace pace_{core_, base::SteadyClock()};
  const std::vector<Variant> variants_;
  const std::vector<std::string> outputs_;  // Of each variant, the one with its scores.
  AccuracySettings settings_;
  bool labelled_ = true;  // Known from the first examples on.
  int classes_ = 0;       // 0 until the first answer.
  int64_t examples_ = 0;
  int64_t batch_checked_ = 0;
  std::vector<int64_t> batch_flips_;  // Of each variant; empty before the first example.
  std::vector<Tally> tallies_;
  std::vector<int32_t> labels_;
  std::vector<std::string> ids_;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_ACCURACY_H_
