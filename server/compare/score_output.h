#ifndef ACTIUM_SERVER_COMPARE_SCORE_OUTPUT_H_
#define ACTIUM_SERVER_COMPARE_SCORE_OUTPUT_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"
#include "server/batching/request.h"
#include "server/compare/score.h"
#include "server/compare/variants.h"

/// Where the scores of classes are in what a model gives.
namespace actium::compare {

/// Reads what a client says of its scores. Errors: INVALID_ARGUMENT for none of ScoreKind.
absl::StatusOr<ScoreKind> ReadScoreKind(v1::ScoreKind kind);

/// Returns for each variant the name of the output that has one score for each class: the one of
/// that name, or for an empty name the only one.
///
/// Errors: INVALID_ARGUMENT (a variant has no such output, or it is neither FP32 nor FP64).
absl::StatusOr<std::vector<std::string>> FindScoreOutputs(std::span<const Variant> variants,
                                                          const std::string& name);

/// The scores in one answer, which it refers to.
class Scores {
 public:
  /// answer: with the one output that has the scores. rows: that were asked for, >= 1.
  /// Errors: INVALID_ARGUMENT if they are no equally long lists of at least two scores.
  static absl::StatusOr<Scores> Of(const batching::InferResponse& answer, int rows);

  /// Scores of each row, >= 2.
  int classes() const { return classes_; }

  /// Returns those of a row, [0, rows).
  std::vector<double> Row(int row) const;

 private:
  Scores(const batching::OutputTensor& output, int classes) : output_(output), classes_(classes) {}

  const batching::OutputTensor& output_;
  int classes_;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SCORE_OUTPUT_H_
