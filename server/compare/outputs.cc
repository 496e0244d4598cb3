#include "server/compare/outputs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/compare/report_parts.h"
#include "server/compare/run_rows.h"
#include "server/compare/score_output.h"

namespace actium::compare {
namespace {

absl::StatusOr<int> CountFittingRows(std::span<const Variant> variants,
                                     const batching::InferRequest& inputs) {
  const bool batched = variants.front().model->signature.max_batch_size > 0;
  ACTIUM_ASSIGN_OR_RETURN(const int rows, CountRows(inputs, batched));
  for (const Variant& variant : variants) {
    const int most = std::max(1, variant.model->signature.max_batch_size);
    if (rows <= most) continue;
    return absl::InvalidArgumentError(fmt::format(
        "inputs: at most {} rows, as {} takes in one batch, got {}", most, variant.name, rows));
  }
  return rows;
}

// What a variant predicts for each row.
void FillPredictions(const Scores& scores, int rows, ScoreKind kind, v1::VariantOutputs& out) {
  for (int row = 0; row < rows; ++row) {
    std::vector<double> own = scores.Row(row);
    out.mutable_scores()->Add(own.begin(), own.end());
    const int predicted = Predict(own);
    out.add_predicted(predicted);
    if (kind == ScoreKind::kLogits) Softmax(own);
    out.add_probability(predicted == kNoClass ? 0 : own[static_cast<size_t>(predicted)]);
  }
}

absl::Status FillVariant(const Variant& variant, const TimedAnswer& answer, int rows,
                         ScoreKind kind, v1::VariantOutputs& out) {
  out.set_variant(variant.name);
  FillModelRef(*variant.model->ref, out);
  ACTIUM_RETURN_IF_ERROR(answer.response.status());
  ACTIUM_ASSIGN_OR_RETURN(const Scores scores, Scores::Of(*answer.response, rows));
  FillPredictions(scores, rows, kind, out);
  out.set_served_ns(answer.took.count());
  out.set_engine_ns(answer.response->stages.compute.count());
  return absl::OkStatus();
}

double LargestDifference(const v1::VariantOutputs& variant, const v1::VariantOutputs& baseline) {
  double largest = 0;
  for (int i = 0; i < variant.scores_size(); ++i) {
    const double difference = std::abs(variant.scores(i) - baseline.scores(i));
    if (!std::isfinite(difference)) return std::numeric_limits<double>::quiet_NaN();
    largest = std::max(largest, difference);
  }
  return largest;
}

void FillDistance(const v1::VariantOutputs& baseline, int rows, v1::VariantOutputs& out) {
  int alike = 0;
  for (int row = 0; row < rows; ++row) {
    alike += out.predicted(row) == baseline.predicted(row) ? 1 : 0;
  }
  out.set_agreement(static_cast<double>(alike) / rows);
  out.set_largest_difference(LargestDifference(out, baseline));
}

absl::Status FillVariants(std::span<const Variant> variants, std::span<const TimedAnswer> answers,
                          ScoreKind kind, v1::OutputsReport& report) {
  for (size_t i = 0; i < variants.size(); ++i) {
    v1::VariantOutputs& out = *report.add_variants();
    const absl::Status status = FillVariant(variants[i], answers[i], report.rows(), kind, out);
    if (!status.ok()) return InContext(variants[i], status);
    if (out.scores_size() == report.variants(0).scores_size()) continue;
    return absl::InvalidArgumentError(
        fmt::format("{} has scores of {} classes, {} of {}", variants[i].name,
                    out.scores_size() / report.rows(), variants[0].name,
                    report.variants(0).scores_size() / report.rows()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CompareOutputs(inference::InferenceCore& core,
                            const repository::ModelRepository& repository,
                            const v1::CompareOutputsRequest& request,
                            const batching::InferRequest& inputs,
                            const std::shared_ptr<batching::Cancellation>& cancellation,
                            v1::OutputsReport& report) {
  const std::vector<std::string> names(request.variants().begin(), request.variants().end());
  ACTIUM_ASSIGN_OR_RETURN(const std::vector<Variant> variants, PinVariants(repository, names));
  ACTIUM_ASSIGN_OR_RETURN(const int baseline, FindBaseline(variants, request.baseline()));
  ACTIUM_ASSIGN_OR_RETURN(const auto outputs, FindScoreOutputs(variants, request.output()));
  ACTIUM_ASSIGN_OR_RETURN(const ScoreKind kind, ReadScoreKind(request.scores()));
  ACTIUM_ASSIGN_OR_RETURN(const int rows, CountFittingRows(variants, inputs));

  const std::vector<TimedAnswer> answers =
      RunRows(core, variants, inputs, {.first = 0, .count = rows}, outputs, cancellation);
  report.set_baseline(variants[static_cast<size_t>(baseline)].name);
  report.set_rows(rows);
  ACTIUM_RETURN_IF_ERROR(FillVariants(variants, answers, kind, report));
  report.set_classes(report.variants(0).scores_size() / rows);
  FillLabels(variants, report.classes(), *report.mutable_labels());
  for (v1::VariantOutputs& variant : *report.mutable_variants()) {
    FillDistance(report.variants(baseline), rows, variant);
  }
  WarnOfVariants(variants, *report.mutable_warnings());
  return absl::OkStatus();
}

}  // namespace actium::compare
